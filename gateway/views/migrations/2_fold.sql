-- Up Migration
-- Folds one batch atomically in one round trip. Every rule is idempotent and independent of event order: the first row wins (requests,
-- approvals) or the greatest (progress, revision). Each argument is an array of rows, or null. Rows are locked in a fixed order, sessions
-- first, to avoid deadlocks. p_evidence is the concatenated evidence of all events, addressed by start and length: as JSON strings,
-- escaping would take most of the time.
CREATE FUNCTION fold(p_sessions json, p_requests json, p_progress json, p_results json, p_approvals json, p_events json, p_evidence bytea)
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
      -- the request states the approval's tenant
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
    SELECT event_id, session_id, event, occurred_at, body, evidence_id, convert_from(substr(p_evidence, start, length), 'UTF8')
    FROM json_to_recordset(p_events) AS n (
      event_id uuid, session_id uuid, event text, occurred_at bigint, body json, evidence_id uuid, start integer, length integer
    )
    ON CONFLICT (event_id) DO NOTHING;
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
DROP FUNCTION fold;
