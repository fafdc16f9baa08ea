-- Up Migration
-- Each forecast as its latest phase left it.
CREATE TABLE forecasts (
  forecast_id uuid NOT NULL,
  tenant text NOT NULL,
  service text NOT NULL,
  resource text NOT NULL,
  severity text NOT NULL,
  -- when it is full
  full_at bigint NOT NULL,
  -- null: it is open
  closed_at bigint,
  sequence integer NOT NULL,
  occurred_at bigint NOT NULL,
  event_id uuid NOT NULL,
  -- JSON has no infinite numbers: they arrive as null
  body json NOT NULL CHECK (
    json_typeof(body->'value') = 'number' AND json_typeof(body->'limit') = 'number' AND json_typeof(body->'level') = 'number'),
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (forecast_id, tenant)
);
CREATE INDEX forecasts_listed ON forecasts (tenant, (closed_at IS NOT NULL), full_at, forecast_id);

-- Down Migration
DROP TABLE forecasts;
