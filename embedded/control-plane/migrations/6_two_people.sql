-- Up Migration
-- An approval may need two people, so each decision is a row: those made here, and approvals made elsewhere that the executor counted.
ALTER TABLE decisions DROP CONSTRAINT decisions_pkey, ADD PRIMARY KEY (approval_id, tenant, jti),
  ADD made_here boolean NOT NULL DEFAULT true;

-- Down Migration
DELETE FROM decisions d USING decisions o WHERE d.approval_id = o.approval_id AND d.tenant = o.tenant AND d.jti > o.jti;
ALTER TABLE decisions DROP made_here, DROP CONSTRAINT decisions_pkey, ADD PRIMARY KEY (approval_id, tenant);
