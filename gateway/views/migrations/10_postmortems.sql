-- Up Migration
CREATE TABLE postmortems (
  postmortem_id uuid NOT NULL,
  tenant text NOT NULL,
  -- null: only its result has arrived
  requested json,
  requested_at bigint,
  -- the latest revision
  result json,
  revision integer,
  result_at bigint,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (postmortem_id, tenant)
);
CREATE INDEX postmortems_newest ON postmortems (tenant, requested_at DESC, postmortem_id DESC);

-- The sessions of each incident, from their requests.
CREATE TABLE incidents (
  incident_id text NOT NULL,
  tenant text NOT NULL,
  session_id uuid NOT NULL,
  PRIMARY KEY (incident_id, tenant, session_id)
);
CREATE INDEX incidents_session ON incidents (session_id, tenant);
INSERT INTO incidents (incident_id, tenant, session_id)
SELECT DISTINCT one.incident_id, e.tenant, e.session_id FROM session_events e,
  json_array_elements_text(e.body->'incident_ids') AS one (incident_id)
WHERE e.event = 'DiagnosisRequested';

-- Down Migration
DROP TABLE incidents, postmortems;
