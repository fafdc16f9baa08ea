-- Up Migration
-- Services are watched in shards, so that several replicas share them. What was known belongs to none: it is learned again, and open anomalies are closed.
-- A shard is watched by the owner of its lease; another replica takes it over when the lease has run out.
DROP TABLE lease;
CREATE TABLE leases (
  shard smallint PRIMARY KEY,
  owner text,
  until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO leases (shard) SELECT generate_series(0, 11);

-- The processes that share them.
CREATE TABLE replicas (
  owner text PRIMARY KEY,
  until timestamptz NOT NULL
);

DELETE FROM services;
ALTER TABLE services ADD shard smallint NOT NULL;
DELETE FROM outlooks;
ALTER TABLE outlooks ADD shard smallint NOT NULL;

-- No step has a length of 0: the open anomalies are closed as those that cannot be followed any more.
ALTER TABLE watches ADD shard smallint NOT NULL DEFAULT 0, DROP CONSTRAINT watches_pkey, ADD PRIMARY KEY (tenant, shard);
ALTER TABLE watches ALTER shard DROP DEFAULT;
DELETE FROM watches WHERE open = '[]';
UPDATE watches SET step_ms = 0;
ALTER TABLE forecasts ADD shard smallint NOT NULL DEFAULT 0, DROP CONSTRAINT forecasts_pkey, ADD PRIMARY KEY (tenant, shard);
ALTER TABLE forecasts ALTER shard DROP DEFAULT;
DELETE FROM forecasts WHERE open = '[]';

-- Down Migration
DELETE FROM services;
ALTER TABLE services DROP shard;
DELETE FROM outlooks;
ALTER TABLE outlooks DROP shard;
DELETE FROM watches;
ALTER TABLE watches DROP CONSTRAINT watches_pkey, DROP shard, ADD PRIMARY KEY (tenant);
DELETE FROM forecasts;
ALTER TABLE forecasts DROP CONSTRAINT forecasts_pkey, DROP shard, ADD PRIMARY KEY (tenant);
DROP TABLE replicas, leases;
CREATE TABLE lease (
  name text PRIMARY KEY,
  owner text NOT NULL,
  until timestamptz NOT NULL
);
