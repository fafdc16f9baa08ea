-- Up Migration
-- Views folded from the topics alone: dropping this schema loses nothing. The epoch names the consumer group, so that a new schema
-- reads every topic from its beginning. Times are ms since the epoch.
CREATE TABLE epoch (id uuid NOT NULL DEFAULT gen_random_uuid());
INSERT INTO epoch DEFAULT VALUES;

-- A row without requested_at is held: something about the session came before its request.
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

-- A row without requested is held: a decision or its outcome came before the request.
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

-- What a watcher sees, in the order it was folded: whoever inserts holds the row of the session, so positions of one session commit in order.
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
-- Not compressed: pglz over an answer of 40 KB costs more than all the rest of the fold.
ALTER TABLE session_events ALTER body SET STORAGE EXTERNAL, ALTER evidence_data SET STORAGE EXTERNAL;
CREATE INDEX session_events_stream ON session_events (session_id, position);
CREATE INDEX session_events_evidence ON session_events (evidence_id) WHERE evidence_id IS NOT NULL;

-- A session acts while an approved action has no outcome yet, and waits while an approval it announced or requested is not closed.
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

-- Folds one batch, all or nothing, in one round trip. Every rule is idempotent and independent of order: the first of its kind stays
-- (requests, approvals), or the greatest does (progress, revision). Each argument is an array of rows, or null for none. Rows are locked
-- in one order everywhere, sessions first, so that two batches never wait for each other in a circle.
CREATE FUNCTION fold(p_sessions json, p_requests json, p_progress json, p_results json, p_approvals json, p_events json)
RETURNS void LANGUAGE plpgsql AS $fold$
#variable_conflict use_column
BEGIN
  IF p_sessions IS NOT NULL THEN
    INSERT INTO gateway.sessions AS s (session_id)
    SELECT session_id FROM json_to_recordset(p_sessions) AS n (session_id uuid) ORDER BY session_id
    ON CONFLICT (session_id) DO UPDATE SET session_id = s.session_id WHERE false;
  END IF;

  IF p_requests IS NOT NULL THEN
    UPDATE gateway.sessions AS s
    SET tenant = n.tenant, kind = n.kind, service = n.service, requested_by = n.requested_by, requested_at = n.occurred_at
    FROM (
      SELECT DISTINCT ON (session_id) r.*
      FROM ROWS FROM (
        json_to_recordset(p_requests)
          AS (session_id uuid, tenant text, kind text, service text, requested_by text, occurred_at bigint)
      ) WITH ORDINALITY AS r
      ORDER BY session_id, ordinality
    ) AS n
    WHERE s.session_id = n.session_id AND s.requested_at IS NULL;
  END IF;

  IF p_progress IS NOT NULL THEN
    UPDATE gateway.sessions AS s
    SET progress = greatest(s.progress, n.furthest),
      (step, message, progress_at, progress_sequence) = (
        SELECT chosen.step, chosen.message, chosen.occurred_at, chosen.sequence
        FROM (VALUES (n.step, n.message, n.occurred_at, n.sequence), (s.step, s.message, s.progress_at, s.progress_sequence))
          AS chosen (step, message, occurred_at, sequence)
        ORDER BY chosen.occurred_at DESC NULLS LAST, chosen.sequence DESC NULLS LAST
        LIMIT 1
      )
    FROM (
      SELECT DISTINCT ON (session_id) r.*, max(least(progress, 100)) OVER (PARTITION BY session_id) AS furthest
      FROM json_to_recordset(p_progress)
        AS r (session_id uuid, progress integer, step text, message json, occurred_at bigint, sequence integer)
      ORDER BY session_id, occurred_at DESC, sequence DESC
    ) AS n
    WHERE s.session_id = n.session_id;
  END IF;

  IF p_results IS NOT NULL THEN
    UPDATE gateway.sessions AS s
    SET revision = n.revision, result = n.result, result_status = n.result_status, result_at = n.result_at,
      result_event = n.result_event, approval_ids = n.approval_ids
    FROM (
      SELECT DISTINCT ON (session_id) r.*
      FROM json_to_recordset(p_results) AS r (
        session_id uuid, revision integer, result json, result_status text, result_at bigint, result_event uuid, approval_ids uuid[]
      )
      ORDER BY session_id, revision DESC, result_at DESC, result_event DESC
    ) AS n
    WHERE s.session_id = n.session_id
      AND (s.revision IS NULL OR (n.revision, n.result_at, n.result_event) > (s.revision, s.result_at, s.result_event));
  END IF;

  IF p_approvals IS NOT NULL THEN
    INSERT INTO gateway.approvals AS a
      (approval_id, session_id, tenant, requested, requested_at, decided, closed, outcome, acted)
    SELECT approval_id, session_id, tenant, requested, requested_at, decided, closed, outcome, acted
    FROM json_to_recordset(p_approvals) AS n (
      approval_id uuid, session_id uuid, tenant text, requested json, requested_at bigint, decided json, closed json, outcome text,
      acted json
    )
    ORDER BY approval_id
    ON CONFLICT (approval_id) DO UPDATE SET
      -- the request says whose the approval is
      session_id = CASE WHEN a.requested IS NULL AND excluded.requested IS NOT NULL THEN excluded.session_id
        ELSE coalesce(a.session_id, excluded.session_id) END,
      tenant = coalesce(a.tenant, excluded.tenant),
      requested = coalesce(a.requested, excluded.requested),
      requested_at = coalesce(a.requested_at, excluded.requested_at),
      decided = coalesce(a.decided, excluded.decided),
      closed = coalesce(a.closed, excluded.closed),
      outcome = coalesce(a.outcome, excluded.outcome),
      acted = coalesce(a.acted, excluded.acted);
  END IF;

  IF p_events IS NOT NULL THEN
    INSERT INTO gateway.session_events (event_id, session_id, event, occurred_at, body, evidence_id, evidence_data)
    SELECT event_id, session_id, event, occurred_at, body, evidence_id, evidence_data
    FROM json_to_recordset(p_events) AS n (
      event_id uuid, session_id uuid, event text, occurred_at bigint, body json, evidence_id uuid, evidence_data text
    )
    ON CONFLICT (event_id) DO NOTHING;
  END IF;

  -- whoever watches one of these sessions looks again
  PERFORM pg_notify('gateway_sessions', string_agg(touched.session_id, ','))
  FROM (
    SELECT n.session_id, (row_number() OVER () - 1) / 200 AS chunk FROM json_to_recordset(p_sessions) AS n (session_id text)
  ) AS touched
  GROUP BY touched.chunk;
END
$fold$;

-- Down Migration
DROP FUNCTION fold;
DROP VIEW approval_states, session_states;
DROP TABLE session_events, approvals, sessions, epoch;
