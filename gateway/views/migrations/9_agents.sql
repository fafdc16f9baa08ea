-- Up Migration
-- The last report of each instance of an agent. Agents serve all tenants.
CREATE TABLE agents (
  instance text PRIMARY KEY,
  agent text NOT NULL,
  report json NOT NULL,
  occurred_at bigint NOT NULL,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000
);

-- Down Migration
DROP TABLE agents;
