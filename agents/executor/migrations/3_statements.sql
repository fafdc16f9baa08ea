-- Up Migration
-- Public keys of the executors' processes: who reads what they say verifies it with these. A private key is never kept.
CREATE TABLE statement_keys (
  kid text PRIMARY KEY,
  jwk jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Down Migration
DROP TABLE statement_keys;
