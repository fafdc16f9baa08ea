-- Up Migration
-- How the identity provider names those who decide, from their signed decisions: the subject in an id is often a UUID.
CREATE TABLE people (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- ms since the epoch
  seen_at bigint NOT NULL
);

-- Down Migration
DO $$ BEGIN RAISE EXCEPTION 'drop the schema gateway instead: it is made anew from the topics'; END $$;
