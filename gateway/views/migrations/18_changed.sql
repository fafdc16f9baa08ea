-- Up Migration
-- The transaction that last changed a row: whoever follows changes reads those of transactions before the oldest that is still open.
ALTER TABLE anomalies ADD changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX anomalies_changed ON anomalies (tenant, changed, anomaly_id);
ALTER TABLE forecasts ADD changed xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX forecasts_changed ON forecasts (tenant, changed, forecast_id);

-- Down Migration
ALTER TABLE anomalies DROP changed;
ALTER TABLE forecasts DROP changed;
