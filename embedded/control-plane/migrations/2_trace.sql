-- Up Migration
-- Headers of the originating request, for the events that follow; null: started before this migration.
ALTER TABLE executions ADD trace jsonb;
ALTER TABLE deployments ADD trace jsonb;

-- Down Migration
ALTER TABLE deployments DROP trace;
ALTER TABLE executions DROP trace;
