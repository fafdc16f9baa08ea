-- Up Migration
-- Indexes for retention.
CREATE INDEX runs_ended ON runs (ended_at) WHERE status = 'ended';

-- Down Migration
DROP INDEX runs_ended;
