-- Up Migration
-- What the list of revisions shows: read from the bodies, it would take everything that people wrote, once for each edit.
ALTER TABLE postmortem_edits
  ADD report_revision integer GENERATED ALWAYS AS ((body->>'report_revision')::integer) STORED,
  ADD revised_by text GENERATED ALWAYS AS (body->>'revised_by') STORED,
  ADD role text GENERATED ALWAYS AS (body->>'role') STORED,
  ADD changed json GENERATED ALWAYS AS (body->'changed') STORED,
  ADD state text GENERATED ALWAYS AS (body->>'state') STORED;

-- Down Migration
ALTER TABLE postmortem_edits DROP state, DROP changed, DROP role, DROP revised_by, DROP report_revision;
