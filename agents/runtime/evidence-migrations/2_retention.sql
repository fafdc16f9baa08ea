-- Up Migration
-- Indexes for retention.
CREATE INDEX items_created ON items (created_at);

-- Down Migration
DROP INDEX items_created;
