-- Up Migration
-- What people expect of anomalies: of each the latest.
CREATE TABLE expectations (
  anomaly_id uuid NOT NULL,
  tenant text NOT NULL,
  event_id uuid NOT NULL,
  occurred_at bigint NOT NULL,
  body json NOT NULL,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (anomaly_id, tenant)
);

-- Down Migration
DROP TABLE expectations;
