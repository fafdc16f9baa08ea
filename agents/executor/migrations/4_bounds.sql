-- Up Migration
-- Whether a trusted signer signed the held decision; other decisions never displace it.
ALTER TABLE held_decisions ADD genuine boolean NOT NULL DEFAULT false;
CREATE INDEX held_decisions_newest ON held_decisions (genuine, held_at DESC);

-- Down Migration
DROP INDEX held_decisions_newest;
ALTER TABLE held_decisions DROP genuine;
