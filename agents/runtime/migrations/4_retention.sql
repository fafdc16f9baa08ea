-- Up Migration
-- What is forgotten is found by its age.
CREATE INDEX runs_ended ON runs (ended_at) WHERE status = 'ended';

-- Down Migration
DROP INDEX runs_ended;
