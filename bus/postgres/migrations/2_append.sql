-- Up Migration
-- Publishes records, in their order: a part of any statement of this database, and standing or falling with it. Values come as one, each
-- told by start and length: bytes in an array would come as hexadecimal text. Consumers of these topics are woken; where their names are
-- more than a notification holds, all are.
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
