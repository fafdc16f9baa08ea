-- Up Migration
-- Publishes records in order, as part of the calling statement: both commit or neither does. All values are passed as one bytea with starts
-- and lengths, because an array of bytea would be sent as hexadecimal text. Notifies the consumers of these topics, or all consumers if the
-- names exceed the size of a notification.
CREATE FUNCTION append(p_topics text[], p_partitions integer[], p_keys text[], p_values bytea, p_starts integer[], p_lengths integer[], p_headers text[])
RETURNS void LANGUAGE plpgsql AS $append$
DECLARE
  named text := (SELECT string_agg(DISTINCT topic, ',') FROM unnest(p_topics) AS t(topic));
BEGIN
  INSERT INTO bus.records (topic, partition, key, value, headers)
  SELECT topic, partition, key, substr(p_values, start, length), headers::jsonb
  FROM unnest(p_topics, p_partitions, p_keys, p_starts, p_lengths, p_headers) WITH ORDINALITY
    AS r(topic, partition, key, start, length, headers, place) ORDER BY place;
  PERFORM pg_notify('sre_bus', CASE WHEN octet_length(named) < 7000 THEN named ELSE '' END);
END
$append$;

-- Down Migration
DROP FUNCTION append;
