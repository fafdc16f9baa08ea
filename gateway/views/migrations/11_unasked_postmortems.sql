-- Up Migration
-- Reports without a request are counted whenever a report arrives.
CREATE INDEX postmortems_unasked ON postmortems (folded_at DESC) WHERE requested IS NULL;

-- Down Migration
DROP INDEX postmortems_unasked;
