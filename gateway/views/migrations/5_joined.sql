-- Up Migration
-- The open approval of the same action that this one joined; its session follows that approval's state.
ALTER TABLE approvals ADD joined uuid GENERATED ALWAYS AS (
  CASE WHEN closed->>'joined_approval' ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN (closed->>'joined_approval')::uuid END
) STORED;
CREATE INDEX approvals_joined ON approvals (joined) WHERE joined IS NOT NULL;

-- The approval whose state counts for each approval of a session: itself, or the one it joined. An unknown one does not block.
CREATE VIEW standing_approvals AS
SELECT a.session_id, a.approval_id,
  CASE WHEN a.joined IS NULL THEN a.requested IS NOT NULL ELSE j.approval_id IS NOT NULL END AS counts,
  CASE WHEN a.joined IS NULL THEN a.outcome ELSE j.outcome END AS outcome,
  CASE WHEN a.joined IS NULL THEN a.acted IS NOT NULL ELSE j.acted IS NOT NULL END AS is_acted
FROM approvals a
LEFT JOIN approvals j ON j.approval_id = a.joined AND (j.tenant IS NULL OR j.tenant = a.tenant);

CREATE OR REPLACE VIEW session_states AS
SELECT s.session_id, s.tenant, s.kind, s.service, s.requested_by, s.requested_at, s.progress, s.progress_at, s.progress_sequence, s.step,
  s.message, s.revision, s.result, s.result_status, s.result_at, s.result_event, s.approval_ids,
  CASE
    WHEN s.result_status IS NULL THEN 'processing'
    WHEN s.result_status IN ('failed', 'cancelled') THEN s.result_status
    WHEN EXISTS (SELECT FROM standing_approvals a WHERE a.session_id = s.session_id AND a.outcome = 'approved' AND NOT a.is_acted)
      THEN 'acting'
    WHEN EXISTS (SELECT FROM standing_approvals a WHERE a.session_id = s.session_id AND a.counts AND a.outcome IS NULL)
      OR EXISTS (
        SELECT FROM unnest(s.approval_ids) AS announced(approval_id)
        WHERE NOT EXISTS (SELECT FROM approvals a WHERE a.approval_id = announced.approval_id AND a.outcome IS NOT NULL)
      )
      THEN 'awaiting_approval'
    ELSE s.result_status
  END AS status
FROM sessions s
WHERE s.requested_at IS NOT NULL;

-- Down Migration
CREATE OR REPLACE VIEW session_states AS
SELECT s.session_id, s.tenant, s.kind, s.service, s.requested_by, s.requested_at, s.progress, s.progress_at, s.progress_sequence, s.step,
  s.message, s.revision, s.result, s.result_status, s.result_at, s.result_event, s.approval_ids,
  CASE
    WHEN s.result_status IS NULL THEN 'processing'
    WHEN s.result_status IN ('failed', 'cancelled') THEN s.result_status
    WHEN EXISTS (SELECT FROM approvals a WHERE a.session_id = s.session_id AND a.outcome = 'approved' AND a.acted IS NULL)
      THEN 'acting'
    WHEN EXISTS (SELECT FROM approvals a WHERE a.session_id = s.session_id AND a.requested IS NOT NULL AND a.outcome IS NULL)
      OR EXISTS (
        SELECT FROM unnest(s.approval_ids) AS announced(approval_id)
        WHERE NOT EXISTS (SELECT FROM approvals a WHERE a.approval_id = announced.approval_id AND a.outcome IS NOT NULL)
      )
      THEN 'awaiting_approval'
    ELSE s.result_status
  END AS status
FROM sessions s
WHERE s.requested_at IS NOT NULL;
DROP VIEW standing_approvals;
DROP INDEX approvals_joined;
ALTER TABLE approvals DROP joined;
