-- Up Migration
-- Events of sessions, as read from the topics: what a postmortem is written from.
CREATE TABLE events (
  event_id uuid NOT NULL,
  tenant text NOT NULL,
  session_id uuid NOT NULL,
  event text NOT NULL,
  -- ms since the epoch
  occurred_at bigint NOT NULL,
  body json NOT NULL,
  folded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (event_id, tenant)
);
CREATE INDEX events_session ON events (session_id, tenant, occurred_at, event_id);
CREATE INDEX events_folded ON events (folded_at);

-- The sessions of each incident, from their requests.
CREATE TABLE incidents (
  incident_id text NOT NULL,
  tenant text NOT NULL,
  session_id uuid NOT NULL,
  folded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (incident_id, tenant, session_id)
);
CREATE INDEX incidents_folded ON incidents (folded_at);

-- Down Migration
DROP TABLE incidents, events;
