-- Up Migration
-- A deployment delays what is announced about its service.
CREATE TABLE deployments (
  tenant text NOT NULL,
  change_id text NOT NULL,
  service text NOT NULL,
  -- ms since the epoch
  deployed_at bigint NOT NULL,
  PRIMARY KEY (tenant, change_id)
);
CREATE INDEX deployments_deployed ON deployments (tenant, deployed_at);

-- Down Migration
DROP TABLE deployments;
