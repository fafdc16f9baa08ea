-- Up Migration
-- What people say of diagnoses: of each person the latest.
CREATE TABLE feedback (
  session_id uuid NOT NULL,
  tenant text NOT NULL,
  recorded_by text NOT NULL,
  event_id uuid NOT NULL,
  occurred_at bigint NOT NULL,
  body json NOT NULL,
  folded_at bigint NOT NULL DEFAULT extract(epoch FROM clock_timestamp()) * 1000,
  PRIMARY KEY (session_id, tenant, recorded_by)
);

-- Down Migration
DROP TABLE feedback;
