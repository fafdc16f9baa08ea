-- Up Migration
-- Emissions are journaled here, not by the durable engine: the row is stored before publishing and marked after.
ALTER TABLE emissions ADD published boolean NOT NULL DEFAULT false;

-- Down Migration
ALTER TABLE emissions DROP published;
