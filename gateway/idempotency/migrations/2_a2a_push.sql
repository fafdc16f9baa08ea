-- Up Migration
-- Where clients of A2A want to be told of a task, and what they were told last.
CREATE TABLE a2a_push (
  tenant text NOT NULL,
  task_id uuid NOT NULL,
  id text NOT NULL,
  url text NOT NULL,
  token text NOT NULL,
  scheme text NOT NULL,
  credentials text NOT NULL,
  language text NOT NULL,
  -- the status told last; null: none
  told text,
  failures integer NOT NULL DEFAULT 0,
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, task_id, id)
);
CREATE INDEX a2a_push_due ON a2a_push (due_at);

-- Down Migration
DROP TABLE a2a_push;
