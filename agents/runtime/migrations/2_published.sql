-- Up Migration
-- An emission is journaled here, not by the durable engine: its row is kept before it is published, and marked after.
ALTER TABLE emissions ADD published boolean NOT NULL DEFAULT false;

-- Down Migration
ALTER TABLE emissions DROP published;
