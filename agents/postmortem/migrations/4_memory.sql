-- Up Migration
-- Postmortems as published on the topics: the latest revision, and people's latest edit.
CREATE TABLE reports (
  tenant text NOT NULL,
  postmortem_id uuid NOT NULL,
  revision integer,
  completed json,
  edit integer,
  revised json,
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, postmortem_id)
);
CREATE INDEX reports_kept ON reports (kept_at);

-- Sessions and reports of which something was learned since the memory last took note.
CREATE TABLE to_remember (
  tenant text NOT NULL,
  -- session or report
  kind text NOT NULL,
  id uuid NOT NULL,
  -- one more each time, so that what was learned meanwhile is not taken for done
  told integer NOT NULL DEFAULT 1,
  -- not before; later after a failure that waiting does not mend
  due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  told_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX to_remember_due ON to_remember (due_at);
CREATE INDEX to_remember_told ON to_remember (told_at);
INSERT INTO to_remember (tenant, kind, id)
SELECT DISTINCT tenant, 'session', session_id FROM events WHERE event IN ('FeedbackRecorded', 'ActionCompleted');

-- Down Migration
DROP TABLE to_remember, reports;
