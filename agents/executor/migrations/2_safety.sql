-- Up Migration
-- What counted, whole: a run that ends before it could tell so is told for from here. `begun_at`: the control-plane may have been asked to act.
ALTER TABLE approvals
  ADD reason text,
  ADD decided_by text,
  ADD decision_jti text,
  ADD closed_by_decision text,
  ADD begun_at timestamptz;
CREATE INDEX approvals_closed_by ON approvals (closed_by_run) WHERE closed_by_run IS NOT NULL;

-- While one is not lifted, no action of its tenant runs; of nobody's when `tenant` is null. Lifted ones stay, for who reads it later.
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

-- One row for every decision that was judged, also for those that closed nothing. Rows are only ever added, and forgotten when old.
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
