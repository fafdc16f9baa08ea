-- Up Migration
-- What is known of each service's resources that can be full or spent. Compressed JSON.
CREATE TABLE outlooks (
  tenant text NOT NULL,
  service text NOT NULL,
  step_ms integer NOT NULL,
  state bytea NOT NULL,
  PRIMARY KEY (tenant, service)
);

-- The open forecasts of a tenant.
CREATE TABLE forecasts (
  tenant text PRIMARY KEY,
  open jsonb NOT NULL
);

-- Down Migration
DROP TABLE forecasts, outlooks;
