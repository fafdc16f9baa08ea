-- Up Migration
-- The open approval of the same action that this closed one joined.
ALTER TABLE approvals ADD joined_approval text;
CREATE INDEX approvals_open ON approvals (tenant, (request->'action'->>'service')) WHERE outcome IS NULL;
CREATE INDEX approvals_begun ON approvals (tenant, (request->'action'->>'service'), begun_at) WHERE begun_at IS NOT NULL;

-- Down Migration
DROP INDEX approvals_begun, approvals_open;
ALTER TABLE approvals DROP joined_approval;
