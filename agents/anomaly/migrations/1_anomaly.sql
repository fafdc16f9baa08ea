-- Up Migration
-- Which process watches. One does; another takes over when its lease has run out.
CREATE TABLE lease (
  name text PRIMARY KEY,
  owner text NOT NULL,
  until timestamptz NOT NULL
);

-- What is known of each service, so that a restart relearns nothing. Compressed JSON.
CREATE TABLE services (
  tenant text NOT NULL,
  service text NOT NULL,
  state bytea NOT NULL,
  PRIMARY KEY (tenant, service)
);

-- Up to when a tenant's measurements were judged, and its open anomalies.
CREATE TABLE watches (
  tenant text PRIMARY KEY,
  step_ms integer NOT NULL,
  -- ms since the epoch
  closed_until bigint NOT NULL,
  open jsonb NOT NULL
);

-- What was announced and asked for, in one transaction with the state it comes from; published afterwards, in order.
CREATE TABLE outbox (
  id bigserial PRIMARY KEY,
  event_id uuid NOT NULL UNIQUE,
  topic text NOT NULL,
  key text NOT NULL,
  value bytea NOT NULL,
  headers jsonb NOT NULL,
  published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- Diagnoses asked for by policy, which limits them.
CREATE TABLE requests (
  session_id uuid PRIMARY KEY,
  tenant text NOT NULL,
  service text NOT NULL,
  asked_at timestamptz NOT NULL
);
CREATE INDEX requests_asked ON requests (tenant, asked_at);

-- Down Migration
DROP TABLE requests, outbox, watches, services, lease;
