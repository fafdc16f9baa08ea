-- Up Migration
-- Postmortems as tasks of A2A: from their requests, and from what this agent published of them.
CREATE TABLE tasks (
  tenant text NOT NULL,
  postmortem_id uuid NOT NULL,
  context_id text,
  -- of the requester; null: not told
  language text,
  -- whether a run has begun to write it
  begun boolean NOT NULL DEFAULT false,
  -- how it ended, without the report; null: it is being written
  ended json,
  report text,
  -- ms since the epoch
  updated_at bigint NOT NULL,
  PRIMARY KEY (tenant, postmortem_id)
);
CREATE INDEX tasks_updated ON tasks (tenant, updated_at DESC, postmortem_id);

-- Calls of other agents, and which run answers each.
CREATE TABLE calls (
  tenant text NOT NULL,
  caller text NOT NULL,
  call_id uuid NOT NULL,
  -- null: the call waits for no task
  postmortem_id uuid,
  method text NOT NULL,
  session_id text,
  -- media types that the caller accepts; empty: any
  modes text[] NOT NULL DEFAULT '{}',
  -- 1: the run of the call publishes the first part of a stream, whoever answers
  first_part integer NOT NULL DEFAULT 0,
  -- null: the call waits for the end of the task
  answered_by text,
  called_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, caller, call_id)
);
CREATE INDEX calls_waiting ON calls (tenant, postmortem_id) WHERE answered_by IS NULL;
CREATE INDEX calls_called ON calls (called_at);

-- Down Migration
DROP TABLE calls, tasks;
