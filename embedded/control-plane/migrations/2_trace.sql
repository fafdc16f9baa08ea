-- Up Migration
-- Headers of the request that caused it, for the events it leads to; null: begun before they were kept.
ALTER TABLE executions ADD trace jsonb;
ALTER TABLE deployments ADD trace jsonb;

-- Down Migration
ALTER TABLE deployments DROP trace;
ALTER TABLE executions DROP trace;
