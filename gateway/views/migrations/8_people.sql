-- Up Migration
-- How the identity provider names the people whose ids (<issuer>|<subject>) the events carry: a subject is often a UUID.
CREATE TABLE people (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- ms since the epoch
  seen_at bigint NOT NULL
);
