-- Up Migration
-- Cancellations of sessions without a run are counted by age.
CREATE INDEX cancellations_newest ON cancellations (agent, requested_at);

-- Down Migration
DROP INDEX cancellations_newest;
