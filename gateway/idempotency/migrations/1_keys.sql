-- Up Migration
-- Requests by Idempotency-Key. In its own schema, because it is not a view and cannot be rebuilt from topics.
CREATE TABLE keys (
  caller text NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  prepared json NOT NULL,
  published boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (caller, key)
);
CREATE INDEX keys_age ON keys (created_at);

-- Down Migration
DROP TABLE keys;
