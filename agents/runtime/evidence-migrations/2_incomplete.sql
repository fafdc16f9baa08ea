-- Up Migration
-- The answer is incomplete, as its warnings say.
ALTER TABLE items ADD COLUMN incomplete boolean NOT NULL DEFAULT false;

-- Down Migration
ALTER TABLE items DROP COLUMN incomplete;
