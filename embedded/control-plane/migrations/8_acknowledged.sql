-- Up Migration
-- When a person first acknowledged it; null: nobody did, or before this migration.
ALTER TABLE incidents ADD acknowledged_at timestamptz;

-- Down Migration
ALTER TABLE incidents DROP acknowledged_at;
