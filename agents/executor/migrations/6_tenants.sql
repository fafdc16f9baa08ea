-- Up Migration
-- Whose it is: under an id of another tenant a record takes, blocks and changes nothing.
DROP INDEX held_decisions_approval, audit_approval;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id, tenant),
  -- what the control-plane knows its execution by; null: the id alone, of what was opened before ids were a tenant's
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
