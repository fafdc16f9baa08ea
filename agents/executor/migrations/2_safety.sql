-- Up Migration
-- How the approval was closed, in full, so that the closing can still be published if the run ends early. `begun_at`: the control-plane may have received the action.
ALTER TABLE approvals
  ADD reason text,
  ADD decided_by text,
  ADD decision_jti text,
  ADD closed_by_decision text,
  ADD begun_at timestamptz;
CREATE INDEX approvals_closed_by ON approvals (closed_by_run) WHERE closed_by_run IS NOT NULL;

-- Freezes. Until lifted, no action of the tenant runs (null: of any tenant). Lifted ones stay as a record.
CREATE TABLE freezes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text,
  frozen_by text NOT NULL,
  reason text NOT NULL,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  lifted_by text,
  lifted_at timestamptz
);
CREATE UNIQUE INDEX freezes_active ON freezes ((coalesce(tenant, ''))) WHERE lifted_at IS NULL;

-- One row per judged decision, also of those that closed nothing. Append-only until retention deletes old rows.
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  judged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  tenant text NOT NULL,
  approval_id text NOT NULL,
  run_id text NOT NULL,
  decision_event text NOT NULL,
  outcome text NOT NULL,
  code text NOT NULL,
  reason text,
  decided_by text,
  jti text,
  UNIQUE (run_id, decision_event)
);
CREATE INDEX audit_approval ON audit (approval_id);
CREATE FUNCTION audit_stands() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the audit is never changed'; END $$;
CREATE TRIGGER audit_stands BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stands();

-- Down Migration
DROP TABLE audit, freezes;
DROP FUNCTION audit_stands;
DROP INDEX approvals_closed_by;
ALTER TABLE approvals DROP reason, DROP decided_by, DROP decision_jti, DROP closed_by_decision, DROP begun_at;
