-- Up Migration
-- The executor's record of each approval, which it closes once.
CREATE TABLE approvals (
  approval_id text PRIMARY KEY,
  tenant text NOT NULL,
  session_id text NOT NULL,
  request jsonb NOT NULL,
  outcome text,
  code text,
  closed_by_run text,
  closed_at timestamptz
);

-- Decisions that arrived before their request.
CREATE TABLE held_decisions (
  event_id text PRIMARY KEY,
  approval_id text NOT NULL,
  decision jsonb NOT NULL,
  held_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX held_decisions_approval ON held_decisions (approval_id);

-- A signed decision is used once.
CREATE TABLE used_decisions (
  issuer text NOT NULL,
  jti text NOT NULL,
  approval_id text NOT NULL,
  run_id text NOT NULL,
  PRIMARY KEY (issuer, jti)
);

-- Down Migration
DROP TABLE used_decisions, held_decisions, approvals;
