-- Up Migration
-- Whether a trusted signer signed what is held: what anybody can write never pushes it out.
ALTER TABLE held_decisions ADD genuine boolean NOT NULL DEFAULT false;
CREATE INDEX held_decisions_newest ON held_decisions (genuine, held_at DESC);

-- Down Migration
DROP INDEX held_decisions_newest;
ALTER TABLE held_decisions DROP genuine;
