-- Up Migration
-- Arrival time: an event's own time may be forged.
ALTER TABLE approvals ADD kept_at timestamptz NOT NULL DEFAULT clock_timestamp();
CREATE INDEX approvals_old ON approvals (kept_at);
CREATE INDEX approvals_open ON approvals ((request->>'tenant')) WHERE closed IS NULL;

-- Down Migration
DROP INDEX approvals_open, approvals_old;
ALTER TABLE approvals DROP kept_at;
