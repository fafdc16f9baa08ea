-- Up Migration
-- What people changed in postmortems: each edit holds everything they wrote so far.
CREATE TABLE postmortem_edits (
  event_id uuid NOT NULL,
  tenant text NOT NULL,
  postmortem_id uuid NOT NULL,
  edit integer NOT NULL,
  occurred_at bigint NOT NULL,
  body json NOT NULL,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (event_id, tenant)
);
CREATE INDEX postmortem_edits_order ON postmortem_edits (postmortem_id, tenant, edit, occurred_at, event_id);

-- Down Migration
DROP TABLE postmortem_edits;
