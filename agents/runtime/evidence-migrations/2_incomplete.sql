-- Up Migration
-- The source answered in part: something of the question failed, as its warnings say.
ALTER TABLE items ADD COLUMN incomplete boolean NOT NULL DEFAULT false;

-- Down Migration
ALTER TABLE items DROP COLUMN incomplete;
