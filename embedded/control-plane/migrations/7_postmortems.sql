-- Up Migration
-- A postmortem is to be requested: set with the resolution, so that a later change of the configuration asks about no old incident.
ALTER TABLE incidents ADD postmortem_due boolean NOT NULL DEFAULT false;
CREATE INDEX incidents_due ON incidents (resolved_at) WHERE postmortem_due;
CREATE INDEX approvals_session ON approvals ((request->>'session_id'));

-- Down Migration
DROP INDEX approvals_session, incidents_due;
ALTER TABLE incidents DROP postmortem_due;
