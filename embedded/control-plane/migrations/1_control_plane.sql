-- Up Migration
CREATE TABLE incidents (
  id text PRIMARY KEY,
  title text NOT NULL,
  service_name text NOT NULL,
  severity text NOT NULL,
  -- new, acknowledged or resolved
  status text NOT NULL DEFAULT 'new',
  started_at timestamptz NOT NULL,
  resolved_at timestamptz,
  -- the requested diagnosis session
  session_id uuid,
  -- its result, as published
  diagnosis jsonb
);
CREATE INDEX incidents_open ON incidents (started_at) WHERE status <> 'resolved';

CREATE TABLE incident_comments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  incident_id text NOT NULL REFERENCES incidents,
  author text NOT NULL,
  comment text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE alerts (
  id text PRIMARY KEY,
  incident_id text NOT NULL REFERENCES incidents,
  name text NOT NULL,
  service_name text NOT NULL,
  summary text NOT NULL,
  severity text NOT NULL,
  -- firing or resolved
  status text NOT NULL,
  labels jsonb NOT NULL,
  started_at timestamptz NOT NULL,
  resolved_at timestamptz
);
-- one rule fires once per service at a time
CREATE UNIQUE INDEX alerts_firing ON alerts (name, service_name) WHERE status = 'firing';

CREATE TABLE executions (
  id text PRIMARY KEY,
  script_id text NOT NULL,
  parameters jsonb NOT NULL,
  target_resources jsonb NOT NULL,
  dry_run boolean NOT NULL,
  -- pending, running, success or failed
  status text NOT NULL,
  output text,
  requested_by text NOT NULL,
  idempotency_key text NOT NULL,
  -- hash of the body: the same key with another body is a conflict
  request_hash text NOT NULL,
  created_at timestamptz NOT NULL,
  finished_at timestamptz,
  -- keys are unique per caller
  UNIQUE (requested_by, idempotency_key)
);
CREATE INDEX executions_unfinished ON executions (created_at) WHERE status IN ('pending', 'running');

CREATE TABLE deployments (
  id text PRIMARY KEY,
  service_name text NOT NULL,
  namespace text,
  image_tag text NOT NULL,
  previous_image_tag text NOT NULL,
  -- running, success or failed
  status text NOT NULL,
  error text,
  requested_by text NOT NULL,
  -- the execution it belongs to; each has at most one deployment
  execution_id text UNIQUE REFERENCES executions,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  -- medians before it, by indicator, to compare with those after it; null: not watched, or no longer
  baseline jsonb
);
CREATE UNIQUE INDEX deployments_running ON deployments (service_name) WHERE status = 'running';

CREATE TABLE audit_logs (
  id text PRIMARY KEY,
  timestamp timestamptz NOT NULL,
  event_type text NOT NULL,
  author text NOT NULL,
  service_name text NOT NULL,
  summary text NOT NULL,
  changes jsonb NOT NULL
);
CREATE INDEX audit_logs_time ON audit_logs (timestamp);

-- Runs as reported by the agents (POST /executions).
CREATE TABLE reported_runs (
  id text PRIMARY KEY,
  session_id text NOT NULL,
  status text NOT NULL,
  output text,
  reported_by text NOT NULL,
  updated_at timestamptz NOT NULL
);

CREATE TABLE approvals (
  approval_id uuid PRIMARY KEY,
  -- the events, in order of arrival
  request jsonb,
  closed jsonb,
  action jsonb
);

CREATE TABLE decisions (
  -- one decision is published per approval
  approval_id uuid PRIMARY KEY,
  decision text NOT NULL,
  reason text NOT NULL,
  decider text NOT NULL,
  jti text NOT NULL,
  decided_at timestamptz NOT NULL
);

-- Outbox: events written in the transaction of the change they report. Published in order, and again if the outcome is unknown.
CREATE TABLE outbox (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  published_at timestamptz
);
CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;

-- Down Migration
DROP TABLE outbox, decisions, approvals, reported_runs, audit_logs, deployments, executions, alerts, incident_comments, incidents;
