-- Up Migration
-- An approval may need two people, so each decision is a row: those this gateway signed, and approvals the executor counted. The old
-- function is dropped, so an old gateway stalls until it is replaced.
CREATE TABLE decisions (
  approval_id uuid NOT NULL,
  tenant text NOT NULL,
  jti text NOT NULL,
  decision text NOT NULL,
  decided_by text NOT NULL,
  reason text NOT NULL,
  decided_at bigint NOT NULL,
  -- false: another signer's, as counted by the executor
  signed_here boolean NOT NULL,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (approval_id, tenant, jti)
);
INSERT INTO decisions (approval_id, tenant, jti, decision, decided_by, reason, decided_at, signed_here)
SELECT approval_id, tenant, decided->>'jti', decided->>'decision', decided->>'decided_by', decided->>'reason',
  (decided->>'decided_at')::bigint, true
FROM approvals WHERE decided IS NOT NULL;

DROP FUNCTION fold_by_tenant;
DROP VIEW approval_states;
ALTER TABLE approvals DROP decided;

-- Who has approved, each person once, and whether more of them are needed (`schemas/approvals-needed.ts`).
CREATE VIEW approval_states AS
SELECT a.approval_id, a.session_id, a.tenant, a.requested, a.requested_at, a.closed, a.outcome, a.acted, a.ignored_statement,
  coalesce(d.decisions, '[]') AS decisions,
  coalesce(a.outcome, CASE
    WHEN d.rejected OR d.approvers >= CASE WHEN a.requested->>'risk' IN ('low', 'medium', 'high') THEN 1 ELSE 2 END THEN 'decided'
    ELSE 'pending'
  END) AS status
FROM approvals a
LEFT JOIN LATERAL (
  SELECT
    json_agg(json_build_object('jti', jti, 'decision', decision, 'decided_by', decided_by, 'reason', reason, 'decided_at', decided_at,
      'signed_here', signed_here) ORDER BY decided_at, jti) AS decisions,
    bool_or(decision = 'rejected') AS rejected,
    count(DISTINCT decided_by) FILTER (WHERE decision = 'approved') AS approvers
  FROM decisions d WHERE d.approval_id = a.approval_id AND d.tenant = a.tenant
) AS d ON true
WHERE a.requested IS NOT NULL;

-- `fold_by_tenant`, with decisions of their own: one batch, atomically, in one round trip. Every rule is idempotent and independent of event order: the first row wins
-- (requests, approvals) or the greatest (progress, revision). Each argument is an array of rows, or null. Rows are locked in a fixed order,
-- sessions first. p_evidence is the concatenated evidence of all events, addressed by start and length.
CREATE FUNCTION fold_with_decisions(
  p_sessions json, p_requests json, p_progress json, p_results json, p_approvals json, p_decisions json, p_events json, p_evidence bytea
)
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
      (approval_id, session_id, tenant, requested, requested_at, closed, outcome, acted)
    SELECT approval_id, session_id, tenant, requested, requested_at, closed, outcome, acted
    FROM json_to_recordset(p_approvals) AS n (
      approval_id uuid, session_id uuid, tenant text, requested json, requested_at bigint, closed json, outcome text, acted json
    )
    ORDER BY approval_id, tenant
    ON CONFLICT (approval_id, tenant) DO UPDATE SET
      -- the request states the approval's session
      session_id = CASE WHEN a.requested IS NULL AND excluded.requested IS NOT NULL THEN excluded.session_id
        ELSE coalesce(a.session_id, excluded.session_id) END,
      requested = coalesce(a.requested, excluded.requested),
      requested_at = coalesce(a.requested_at, excluded.requested_at),
      closed = coalesce(a.closed, excluded.closed),
      outcome = coalesce(a.outcome, excluded.outcome),
      acted = coalesce(a.acted, excluded.acted);
  END IF;

  IF p_decisions IS NOT NULL THEN
    INSERT INTO gateway.decisions AS d (approval_id, tenant, jti, decision, decided_by, reason, decided_at, signed_here)
    SELECT approval_id, tenant, jti, decision, decided_by, reason, decided_at, signed_here
    FROM json_to_recordset(p_decisions) AS n (
      approval_id uuid, tenant text, jti text, decision text, decided_by text, reason text, decided_at bigint, signed_here boolean
    )
    ORDER BY approval_id, tenant, jti
    ON CONFLICT (approval_id, tenant, jti) DO UPDATE SET
      -- the signed claim states when it was made
      decided_at = CASE WHEN d.signed_here THEN d.decided_at ELSE excluded.decided_at END,
      signed_here = d.signed_here OR excluded.signed_here;
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
