-- Up Migration
-- Arrival time of a row: an event's own time may be forged, and a row dated far ahead would never expire. Null: before this migration.
ALTER TABLE sessions ADD folded_at bigint;
ALTER TABLE sessions ALTER folded_at SET DEFAULT extract(epoch FROM clock_timestamp()) * 1000;
ALTER TABLE approvals ADD folded_at bigint;
ALTER TABLE approvals ALTER folded_at SET DEFAULT extract(epoch FROM clock_timestamp()) * 1000;
ALTER TABLE session_events ADD folded_at bigint;
ALTER TABLE session_events ALTER folded_at SET DEFAULT extract(epoch FROM clock_timestamp()) * 1000;
CREATE INDEX sessions_held ON sessions (folded_at) WHERE requested_at IS NULL;

-- Down Migration
DROP INDEX sessions_held;
ALTER TABLE session_events DROP folded_at;
ALTER TABLE approvals DROP folded_at;
ALTER TABLE sessions DROP folded_at;
