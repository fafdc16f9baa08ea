-- Up Migration
-- Someone published a closing or an outcome of this approval that the executor did not sign.
ALTER TABLE approvals ADD ignored_statement boolean NOT NULL DEFAULT false;
CREATE OR REPLACE VIEW approval_states AS
SELECT a.approval_id, a.session_id, a.tenant, a.requested, a.requested_at, a.decided, a.closed, a.outcome, a.acted,
  coalesce(a.outcome, CASE WHEN a.decided IS NULL THEN 'pending' ELSE 'decided' END) AS status, a.ignored_statement
FROM approvals a
WHERE a.requested IS NOT NULL;

-- Down Migration
DROP VIEW approval_states;
ALTER TABLE approvals DROP ignored_statement;
CREATE VIEW approval_states AS
SELECT a.*,
  coalesce(a.outcome, CASE WHEN a.decided IS NULL THEN 'pending' ELSE 'decided' END) AS status
FROM approvals a
WHERE a.requested IS NOT NULL;
