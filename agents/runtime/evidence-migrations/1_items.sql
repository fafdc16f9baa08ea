-- Up Migration
-- Tool results, in full. The gateway reads this table, so its columns are a contract.
CREATE TABLE items (
  evidence_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  session_id text NOT NULL,
  run_id text NOT NULL,
  tool text NOT NULL,
  operation text NOT NULL,
  status text NOT NULL,
  query text NOT NULL,
  range_start timestamptz,
  range_end timestamptz,
  link text,
  summary text NOT NULL,
  error text,
  warnings jsonb NOT NULL,
  data json,
  redactions integer NOT NULL,
  duration_ms double precision NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- compressing results costs three times as much as writing them
ALTER TABLE items ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX items_session ON items (session_id);

-- Down Migration
DROP TABLE items;
