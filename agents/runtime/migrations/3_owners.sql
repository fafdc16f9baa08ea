-- Up Migration
-- One heartbeat per process, whichever agents it runs.
DROP TABLE owners;
CREATE TABLE owners (
  owner text PRIMARY KEY,
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Down Migration
DROP TABLE owners;
CREATE TABLE owners (
  owner text NOT NULL,
  agent text NOT NULL,
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (owner, agent)
);
