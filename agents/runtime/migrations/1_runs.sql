-- Up Migration
-- One row per run: what it was started for, and how it ended. Steps are journaled by the durable engine in its own schema.
CREATE TABLE runs (
  run_id text PRIMARY KEY,
  agent text NOT NULL,
  -- a second event with the same key starts no run
  once_key text NOT NULL,
  attempt integer NOT NULL,
  tenant text NOT NULL,
  session_id text,
  event text NOT NULL,
  -- when a delayed run is due; null: now
  due_at timestamptz,
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" text NOT NULL,
  published_at timestamptz NOT NULL,
  key text,
  record bytea NOT NULL,
  headers jsonb NOT NULL,
  -- accepted: not yet handed to the queue; queued; started; ended
  status text NOT NULL DEFAULT 'accepted',
  outcome text,
  handler_version integer,
  -- number of owners that started it, without those that shut down gracefully
  starts integer NOT NULL DEFAULT 0,
  owner text,
  started_at timestamptz,
  accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at timestamptz
);
CREATE UNIQUE INDEX runs_once ON runs (agent, once_key, attempt, (due_at IS NULL));
CREATE INDEX runs_waiting ON runs (agent) WHERE status IN ('accepted', 'queued');
CREATE INDEX runs_owned ON runs (owner) WHERE status = 'started';
CREATE INDEX runs_session ON runs (session_id);

-- Emissions of unfinished runs, stored before they are published; number -1: how the run ended early.
CREATE TABLE emissions (
  run_id text NOT NULL,
  number integer NOT NULL,
  topics text[] NOT NULL,
  keys text[] NOT NULL,
  bodies bytea[] NOT NULL,
  headers text[] NOT NULL,
  PRIMARY KEY (run_id, number)
);
-- Short-lived: compressing them costs more than the rest of a step.
ALTER TABLE emissions ALTER bodies SET STORAGE EXTERNAL, ALTER headers SET STORAGE EXTERNAL;

CREATE TABLE cancellations (
  agent text NOT NULL,
  tenant text NOT NULL,
  session_id text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (agent, tenant, session_id)
);

-- Processes that own runs. If a heartbeat is too old, another process takes over the runs.
CREATE TABLE owners (
  owner text NOT NULL,
  agent text NOT NULL,
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (owner, agent)
);

-- Down Migration
DROP TABLE owners, cancellations, emissions, runs;
