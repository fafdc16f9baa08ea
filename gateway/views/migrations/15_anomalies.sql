-- Up Migration
-- Each anomaly as its latest phase left it.
CREATE TABLE anomalies (
  anomaly_id uuid NOT NULL,
  tenant text NOT NULL,
  services text[] NOT NULL,
  severity text NOT NULL,
  since bigint NOT NULL,
  -- null: it is open
  closed_at bigint,
  sequence integer NOT NULL,
  occurred_at bigint NOT NULL,
  event_id uuid NOT NULL,
  -- JSON has no infinite numbers: they arrive as null
  body json NOT NULL CHECK (json_typeof(body->'score') = 'number'),
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (anomaly_id, tenant)
);
CREATE INDEX anomalies_listed ON anomalies (tenant, (closed_at IS NOT NULL), since DESC, anomaly_id DESC);

-- Down Migration
DROP TABLE anomalies;
