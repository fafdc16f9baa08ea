-- Up Migration
-- Views built from the topics alone: dropping this schema loses nothing. The epoch is part of the consumer group's name, so a new
-- schema reads every topic from the beginning. Times are ms since the epoch.
CREATE TABLE epoch (id uuid NOT NULL DEFAULT gen_random_uuid());
INSERT INTO epoch DEFAULT VALUES;

-- A row without requested_at is held: an event of the session arrived before its request.
CREATE TABLE sessions (
  session_id uuid PRIMARY KEY,
  tenant text,
  kind text,
  service text,
  requested_by text,
  requested_at bigint,
  progress integer NOT NULL DEFAULT 0,
  progress_at bigint,
  progress_sequence integer,
  step text,
  message json,
  revision integer,
  result json,
  result_status text,
  result_at bigint,
  result_event uuid,
  approval_ids uuid[] NOT NULL DEFAULT '{}'
);
CREATE INDEX sessions_history ON sessions (tenant, requested_at DESC, session_id DESC);

-- A row without requested is held: a decision or its outcome arrived before the request.
CREATE TABLE approvals (
  approval_id uuid PRIMARY KEY,
  session_id uuid,
  tenant text,
  requested json,
  requested_at bigint,
  decided json,
  closed json,
  outcome text,
  acted json
);
CREATE INDEX approvals_session ON approvals (session_id);
CREATE INDEX approvals_history ON approvals (tenant, requested_at DESC, approval_id DESC);

-- Events of a stream, in the order they were folded. An insert holds a lock on the session's row, so its positions commit in order.
CREATE TABLE session_events (
  event_id uuid PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  session_id uuid NOT NULL,
  event text NOT NULL,
  occurred_at bigint NOT NULL,
  body json NOT NULL,
  evidence_id uuid,
  evidence_data text
);
-- Not compressed: pglz on 40 KB of evidence costs more than the rest of the fold.
ALTER TABLE session_events ALTER body SET STORAGE EXTERNAL, ALTER evidence_data SET STORAGE EXTERNAL;
CREATE INDEX session_events_stream ON session_events (session_id, position);
CREATE INDEX session_events_evidence ON session_events (evidence_id) WHERE evidence_id IS NOT NULL;

-- A session is acting while an approved action has no outcome, and waiting while one of its approvals is open.
CREATE VIEW session_states AS
SELECT s.*,
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

CREATE VIEW approval_states AS
SELECT a.*,
  coalesce(a.outcome, CASE WHEN a.decided IS NULL THEN 'pending' ELSE 'decided' END) AS status
FROM approvals a
WHERE a.requested IS NOT NULL;

-- Down Migration
DROP VIEW approval_states, session_states;
DROP TABLE session_events, approvals, sessions, epoch;
