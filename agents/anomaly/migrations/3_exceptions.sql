-- Up Migration
-- What people expect is kept out of the announcements, by anomaly.
CREATE TABLE exceptions (
  tenant text NOT NULL,
  id text NOT NULL,
  services text[] NOT NULL,
  indicators text[] NOT NULL,
  -- ms since the epoch
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  told_at bigint NOT NULL,
  PRIMARY KEY (tenant, id)
);
CREATE INDEX exceptions_ends ON exceptions (tenant, ends_at);

-- Down Migration
DROP TABLE exceptions;
