-- Up Migration
-- What is kept out of the announcements: what people expect, by anomaly, and deployments, by change.
CREATE TABLE exceptions (
  tenant text NOT NULL,
  -- expected or deployment
  reason text NOT NULL,
  id text NOT NULL,
  services text[] NOT NULL,
  -- null: all
  indicators text[],
  -- ms since the epoch
  starts_at bigint NOT NULL,
  ends_at bigint NOT NULL,
  told_at bigint NOT NULL,
  PRIMARY KEY (tenant, reason, id)
);
CREATE INDEX exceptions_ends ON exceptions (tenant, ends_at);

-- Down Migration
DROP TABLE exceptions;
