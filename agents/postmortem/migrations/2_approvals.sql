-- Up Migration
-- An approval that joined another one ends with it, in another session.
ALTER TABLE events ADD approval_id uuid;
CREATE INDEX events_approval ON events (approval_id, tenant) WHERE approval_id IS NOT NULL;

-- Down Migration
ALTER TABLE events DROP approval_id;
