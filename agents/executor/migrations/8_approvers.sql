-- Up Migration
-- Approvals that count, one per person: an action of critical risk runs only once two different people have approved it.
CREATE TABLE approvers (
  approval_id text NOT NULL,
  tenant text NOT NULL,
  -- <issuer>|<subject>
  approved_by text NOT NULL,
  jti text NOT NULL,
  reason text NOT NULL,
  decision_event text NOT NULL,
  run_id text NOT NULL,
  counted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (approval_id, tenant, approved_by)
);
CREATE INDEX approvers_run ON approvers (run_id);

-- Down Migration
DROP TABLE approvers;
