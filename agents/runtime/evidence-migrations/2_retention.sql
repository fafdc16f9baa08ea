-- Up Migration
-- What is forgotten is found by its age.
CREATE INDEX items_created ON items (created_at);

-- Down Migration
DROP INDEX items_created;
