-- Up Migration
-- Answers of tools. Each is kept once per tenant, however many pieces of evidence rest on it.
CREATE TABLE answers (
  tenant text NOT NULL,
  -- SHA-256 of the JSON in `packed`
  hash bytea NOT NULL,
  -- JSON, compressed with zstd: query, range (ms), link, summary, error, warnings, incomplete, data
  packed bytea NOT NULL,
  -- when evidence was last known to need it; up to an hour behind
  kept_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant, hash)
);
ALTER TABLE answers ALTER COLUMN packed SET STORAGE EXTERNAL;
CREATE INDEX answers_kept ON answers (kept_at);

-- null: a row from before this migration, which has its answer in its own columns
ALTER TABLE items ADD COLUMN answer bytea,
  ALTER COLUMN query DROP NOT NULL, ALTER COLUMN summary DROP NOT NULL, ALTER COLUMN warnings DROP NOT NULL,
  ALTER COLUMN incomplete DROP NOT NULL, ALTER COLUMN incomplete DROP DEFAULT;
CREATE INDEX items_answer ON items (tenant, answer) WHERE answer IS NOT NULL;

-- Evidence of any age. The gateway reads this view, so its columns are a contract: `packed` as above, or else the same as JSON in `plain`.
CREATE VIEW recorded AS
SELECT i.evidence_id, i.tenant, i.session_id, i.run_id, i.tool, i.operation, i.status, i.redactions, i.duration_ms, i.created_at,
  i.answer, a.packed,
  CASE WHEN i.answer IS NULL THEN json_build_object(
    'query', i.query,
    'range', CASE WHEN i.range_start IS NOT NULL THEN json_build_object(
      'start', extract(epoch FROM i.range_start) * 1000, 'end', extract(epoch FROM i.range_end) * 1000) END,
    'link', i.link, 'summary', i.summary, 'error', i.error, 'warnings', i.warnings, 'incomplete', coalesce(i.incomplete, false),
    'data', i.data) END AS plain
FROM items i LEFT JOIN answers a ON a.tenant = i.tenant AND a.hash = i.answer;

-- Down Migration
DROP VIEW recorded;
DELETE FROM items WHERE answer IS NOT NULL;
ALTER TABLE items DROP COLUMN answer,
  ALTER COLUMN query SET NOT NULL, ALTER COLUMN summary SET NOT NULL, ALTER COLUMN warnings SET NOT NULL,
  ALTER COLUMN incomplete SET NOT NULL, ALTER COLUMN incomplete SET DEFAULT false;
DROP TABLE answers;
