-- Up Migration
-- One row per run: what it was started for, and how it ended. Steps are journaled by the durable engine in its own schema.
CREATE TABLE runs (
  run_id text PRIMARY KEY,
  agent text NOT NULL,
  -- a second event with the same key starts nothing
  once_key text NOT NULL,
  attempt integer NOT NULL,
  tenant text NOT NULL,
  session_id text,
  event text NOT NULL,
  -- due: the run for the same event at a later time
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
  -- owners that began it; a graceful shutdown takes its own off again
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

-- The bytes of what an open run publishes, kept before they are published; -1: those that tell how it ended early.
CREATE TABLE emissions (
  run_id text NOT NULL,
  number integer NOT NULL,
  topics text[] NOT NULL,
  keys text[] NOT NULL,
  bodies bytea[] NOT NULL,
  headers text[] NOT NULL,
  PRIMARY KEY (run_id, number)
);
-- Short-lived: compressing them costs more than all the rest of a step.
ALTER TABLE emissions ALTER bodies SET STORAGE EXTERNAL, ALTER headers SET STORAGE EXTERNAL;

CREATE TABLE cancellations (
  agent text NOT NULL,
  tenant text NOT NULL,
  session_id text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (agent, tenant, session_id)
);

-- Processes that own runs. One whose heartbeat is old is gone: another takes over its runs.
CREATE TABLE owners (
  owner text NOT NULL,
  agent text NOT NULL,
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (owner, agent)
);

-- Down Migration
DROP TABLE owners, cancellations, emissions, runs;
