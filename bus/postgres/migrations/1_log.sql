-- Up Migration
-- The log is append-only. Records of a partition are ordered by (xid, offset); the offset alone does not follow commit order.
CREATE TABLE records (
  topic text NOT NULL,
  partition integer NOT NULL,
  "offset" bigint GENERATED ALWAYS AS IDENTITY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  key text,
  value bytea,
  headers jsonb NOT NULL,
  published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (topic, partition, xid, "offset")
);
-- compressing records costs more than writing them
ALTER TABLE records ALTER COLUMN value SET STORAGE EXTERNAL;
CREATE INDEX records_age ON records (topic, published_at);

-- The position of each consumer group. The member that holds the advisory lock of group and partition consumes the partition.
CREATE TABLE positions (
  consumer_group text NOT NULL,
  topic text NOT NULL,
  partition integer NOT NULL,
  xid xid8 NOT NULL,
  "offset" bigint NOT NULL,
  PRIMARY KEY (consumer_group, topic, partition)
);

-- The writer schemas of the records, as in a schema registry.
CREATE TABLE schemas (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  subject text NOT NULL,
  fingerprint text NOT NULL,
  schema jsonb NOT NULL,
  UNIQUE (subject, fingerprint)
);

-- Down Migration
DROP TABLE schemas, positions, records;
