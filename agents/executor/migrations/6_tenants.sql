-- Up Migration
-- The owning tenant: a record of another tenant with the same id does not affect it.
DROP INDEX held_decisions_approval, audit_approval;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id, tenant),
  -- idempotency key of the execution; null: the approval id, for approvals opened before this migration
  ADD execution_key text;

ALTER TABLE held_decisions ADD tenant text NOT NULL DEFAULT '';
UPDATE held_decisions SET tenant = decision->>'tenant';
ALTER TABLE held_decisions ALTER tenant DROP DEFAULT;
CREATE INDEX held_decisions_approval ON held_decisions (approval_id, tenant);

ALTER TABLE used_decisions ADD tenant text NOT NULL DEFAULT '';
UPDATE used_decisions u SET tenant = a.tenant FROM approvals a WHERE a.approval_id = u.approval_id;
ALTER TABLE used_decisions ALTER tenant DROP DEFAULT;

CREATE INDEX audit_approval ON audit (approval_id, tenant);

-- Down Migration
DROP INDEX audit_approval, held_decisions_approval;
ALTER TABLE used_decisions DROP tenant;
ALTER TABLE held_decisions DROP tenant;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id), DROP execution_key;
CREATE INDEX audit_approval ON audit (approval_id);
CREATE INDEX held_decisions_approval ON held_decisions (approval_id);
