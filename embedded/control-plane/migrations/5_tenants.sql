-- Up Migration
-- The owning tenant: a record of another tenant with the same id does not affect it.
ALTER TABLE approvals ADD tenant text;
UPDATE approvals SET tenant = coalesce(request->>'tenant', closed->>'tenant', action->>'tenant', '');
DROP INDEX approvals_open;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id, tenant);
CREATE INDEX approvals_open ON approvals (tenant) WHERE closed IS NULL;

ALTER TABLE decisions ADD tenant text NOT NULL DEFAULT '';
UPDATE decisions d SET tenant = a.tenant FROM approvals a WHERE a.approval_id = d.approval_id;
ALTER TABLE decisions ALTER tenant DROP DEFAULT, DROP CONSTRAINT decisions_pkey, ADD PRIMARY KEY (approval_id, tenant);

-- Down Migration
ALTER TABLE decisions DROP CONSTRAINT decisions_pkey, ADD PRIMARY KEY (approval_id), DROP tenant;
DROP INDEX approvals_open;
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id), DROP tenant;
CREATE INDEX approvals_open ON approvals ((request->>'tenant')) WHERE closed IS NULL;
