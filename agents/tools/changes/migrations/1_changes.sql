-- Changes recorded on the bus, for a platform without a control-plane. One row per change, whatever the order of its reports.
CREATE TABLE changes (
  tenant text NOT NULL,
  change_id text NOT NULL,
  service text NOT NULL,
  namespace text,
  type text NOT NULL,
  author text,
  summary text NOT NULL,
  before text,
  after text,
  deployment_id text,
  -- of the first report: when it began
  changed_at timestamptz NOT NULL,
  -- of the last report
  reported_at timestamptz NOT NULL,
  PRIMARY KEY (tenant, change_id)
);
CREATE INDEX changes_by_time ON changes (tenant, changed_at);
CREATE INDEX changes_by_deployment ON changes (tenant, deployment_id);
