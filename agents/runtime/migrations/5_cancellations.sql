-- Up Migration
-- Cancels of sessions no run is known of are counted by their age.
CREATE INDEX cancellations_newest ON cancellations (agent, requested_at);

-- Down Migration
DROP INDEX cancellations_newest;
