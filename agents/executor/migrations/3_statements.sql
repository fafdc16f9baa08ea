-- Up Migration
-- Public keys of the executor processes, for verifying their signed events. Private keys are never stored.
CREATE TABLE statement_keys (
  kid text PRIMARY KEY,
  jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Down Migration
DROP TABLE statement_keys;
