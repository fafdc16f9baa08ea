-- Up Migration
-- Rows are keyed by tenant: a record changes nothing of another tenant, whatever id it names. Old rows are rebuilt from the topics under
-- a new epoch. The old function is dropped, so an old gateway stalls until it is replaced, instead of sending records to dead letters.
DROP FUNCTION fold;
DROP VIEW approval_states, session_states, standing_approvals;
TRUNCATE sessions, approvals, session_events;
UPDATE epoch SET id = gen_random_uuid();

ALTER TABLE sessions DROP CONSTRAINT sessions_pkey, ADD PRIMARY KEY (session_id, tenant);
ALTER TABLE approvals DROP CONSTRAINT approvals_pkey, ADD PRIMARY KEY (approval_id, tenant);
ALTER TABLE session_events ADD tenant text NOT NULL, DROP CONSTRAINT session_events_pkey, ADD PRIMARY KEY (event_id, tenant);
DROP INDEX session_events_stream, approvals_session;
CREATE INDEX session_events_stream ON session_events (session_id, tenant, position);
CREATE INDEX approvals_session ON approvals (session_id, tenant);

CREATE VIEW approval_states AS
SELECT a.approval_id, a.session_id, a.tenant, a.requested, a.requested_at, a.decided, a.closed, a.outcome, a.acted,
  coalesce(a.outcome, CASE WHEN a.decided IS NULL THEN 'pending' ELSE 'decided' END) AS status, a.ignored_statement
FROM approvals a
WHERE a.requested IS NOT NULL;

-- The approval whose state counts for each approval of a session: itself, or the one of its tenant that it joined. An unknown one does not
-- block.
CREATE VIEW standing_approvals AS
SELECT a.session_id, a.tenant, a.approval_id,
  CASE WHEN a.joined IS NULL THEN a.requested IS NOT NULL ELSE j.approval_id IS NOT NULL END AS counts,
  CASE WHEN a.joined IS NULL THEN a.outcome ELSE j.outcome END AS outcome,
  CASE WHEN a.joined IS NULL THEN a.acted IS NOT NULL ELSE j.acted IS NOT NULL END AS is_acted
FROM approvals a
LEFT JOIN approvals j ON j.approval_id = a.joined AND j.tenant = a.tenant;

CREATE VIEW session_states AS
SELECT s.session_id, s.tenant, s.kind, s.service, s.requested_by, s.requested_at, s.progress, s.progress_at, s.progress_sequence, s.step,
  s.message, s.revision, s.result, s.result_status, s.result_at, s.result_event, s.approval_ids,
  CASE
    WHEN s.result_status IS NULL THEN 'processing'
    WHEN s.result_status IN ('failed', 'cancelled') THEN s.result_status
    WHEN EXISTS (
        SELECT FROM standing_approvals a
        WHERE a.session_id = s.session_id AND a.tenant = s.tenant AND a.outcome = 'approved' AND NOT a.is_acted
      )
      THEN 'acting'
    WHEN EXISTS (
        SELECT FROM standing_approvals a WHERE a.session_id = s.session_id AND a.tenant = s.tenant AND a.counts AND a.outcome IS NULL
      )
      OR EXISTS (
        SELECT FROM unnest(s.approval_ids) AS announced(approval_id)
        WHERE NOT EXISTS (
          SELECT FROM approvals a WHERE a.approval_id = announced.approval_id AND a.tenant = s.tenant AND a.outcome IS NOT NULL
        )
      )
      THEN 'awaiting_approval'
    ELSE s.result_status
  END AS status
FROM sessions s
WHERE s.requested_at IS NOT NULL;

-- `fold`, by tenant: one batch, atomically, in one round trip. Every rule is idempotent and independent of event order: the first row wins
-- (requests, approvals) or the greatest (progress, revision). Each argument is an array of rows, or null. Rows are locked in a fixed order,
-- sessions first. p_evidence is the concatenated evidence of all events, addressed by start and length.
CREATE FUNCTION fold_by_tenant(p_sessions json, p_requests json, p_progress json, p_results json, p_approvals json, p_events json, p_evidence bytea)
RETURNS void LANGUAGE plpgsql AS $fold$
#variable_conflict use_column
BEGIN
  IF p_sessions IS NOT NULL THEN
    INSERT INTO gateway.sessions AS s (session_id, tenant)
    SELECT session_id, tenant FROM json_to_recordset(p_sessions) AS n (session_id uuid, tenant text) ORDER BY session_id, tenant
    ON CONFLICT (session_id, tenant) DO UPDATE SET session_id = s.session_id WHERE false;
  END IF;

  IF p_requests IS NOT NULL THEN
    UPDATE gateway.sessions AS s
    SET kind = n.kind, service = n.service, requested_by = n.requested_by, requested_at = n.occurred_at
    FROM (
      SELECT DISTINCT ON (session_id, tenant) r.*
      FROM ROWS FROM (
        json_to_recordset(p_requests)
          AS (session_id uuid, tenant text, kind text, service text, requested_by text, occurred_at bigint)
      ) WITH ORDINALITY AS r
      ORDER BY session_id, tenant, ordinality
    ) AS n
    WHERE s.session_id = n.session_id AND s.tenant = n.tenant AND s.requested_at IS NULL;
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
      SELECT DISTINCT ON (session_id, tenant) r.*, max(least(progress, 100)) OVER (PARTITION BY session_id, tenant) AS furthest
      FROM json_to_recordset(p_progress)
        AS r (session_id uuid, tenant text, progress integer, step text, message json, occurred_at bigint, sequence integer)
      ORDER BY session_id, tenant, occurred_at DESC, sequence DESC
    ) AS n
    WHERE s.session_id = n.session_id AND s.tenant = n.tenant;
  END IF;

  IF p_results IS NOT NULL THEN
    UPDATE gateway.sessions AS s
    SET revision = n.revision, result = n.result, result_status = n.result_status, result_at = n.result_at,
      result_event = n.result_event, approval_ids = n.approval_ids
    FROM (
      SELECT DISTINCT ON (session_id, tenant) r.*
      FROM json_to_recordset(p_results) AS r (
        session_id uuid, tenant text, revision integer, result json, result_status text, result_at bigint, result_event uuid,
        approval_ids uuid[]
      )
      ORDER BY session_id, tenant, revision DESC, result_at DESC, result_event DESC
    ) AS n
    WHERE s.session_id = n.session_id AND s.tenant = n.tenant
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
    ORDER BY approval_id, tenant
    ON CONFLICT (approval_id, tenant) DO UPDATE SET
      -- the request states the approval's session
      session_id = CASE WHEN a.requested IS NULL AND excluded.requested IS NOT NULL THEN excluded.session_id
        ELSE coalesce(a.session_id, excluded.session_id) END,
      requested = coalesce(a.requested, excluded.requested),
      requested_at = coalesce(a.requested_at, excluded.requested_at),
      decided = coalesce(a.decided, excluded.decided),
      closed = coalesce(a.closed, excluded.closed),
      outcome = coalesce(a.outcome, excluded.outcome),
      acted = coalesce(a.acted, excluded.acted);
  END IF;

  IF p_events IS NOT NULL THEN
    INSERT INTO gateway.session_events (event_id, session_id, tenant, event, occurred_at, body, evidence_id, evidence_data)
    SELECT event_id, session_id, tenant, event, occurred_at, body, evidence_id,
      convert_from(substr(p_evidence, start, length), 'UTF8')
    FROM json_to_recordset(p_events) AS n (
      event_id uuid, session_id uuid, tenant text, event text, occurred_at bigint, body json, evidence_id uuid, start integer,
      length integer
    )
    ON CONFLICT (event_id, tenant) DO NOTHING;
  END IF;

  -- wake the watchers of these sessions
  PERFORM pg_notify('gateway_sessions', string_agg(touched.session_id, ','))
  FROM (
    SELECT n.session_id, (row_number() OVER () - 1) / 200 AS chunk FROM json_to_recordset(p_sessions) AS n (session_id text)
  ) AS touched
  GROUP BY touched.chunk;
END
$fold$;

-- Down Migration
DO $$ BEGIN RAISE EXCEPTION 'drop the schema gateway instead: it is made anew from the topics'; END $$;
