/** Reads the log in pieces bounded by records and bytes; oversized parts of a record are truncated. */
import type { ClientBase, Pool } from 'pg'
import type { Delivery, Part, Whole } from '../bus.ts'
import { BEGINNING } from '../shorten.ts'
import { BEHIND, type Partition, type Position, SETTLED } from './log.ts'

export interface Found {
  delivery: Delivery
  position: Position
}

/** Limits of one read; it returns at least one record, however large. */
export interface Piece {
  /** per partition */
  records: number
  /** in total; the last record may exceed it */
  bytes: number
}

/** Larger parts are truncated when read: as text they take twice this in memory, and a string cannot hold a gigabyte. */
const PART_BYTES = 16 * 1024 * 1024
/** `pg_column_size` is the compressed size, and compression is at most 90:1: headers below this cannot exceed `PART_BYTES`. */
const SMALL_HEADERS = 8192

interface Row extends Position {
  key: string | null
  value: Buffer | null
  headers: unknown
  published_ms: string
  whole: Partial<Record<Part, Whole>> | null
}

const wholeOf = (bytes: string) =>
  `jsonb_build_object('bytes', octet_length(${bytes}), 'sha256', encode(sha256(${bytes}), 'hex'))`
const KEY_BYTES = `convert_to(key, 'UTF8')`
const HEADER_BYTES = `convert_to(headers::text, 'UTF8')`
const LARGE_HEADERS = `CASE WHEN pg_column_size(headers) > ${SMALL_HEADERS} THEN octet_length(headers::text) > ${PART_BYTES} ELSE false END`

/** Large parts are recognised by `octet_length`, which does not read the value. */
const COLUMNS = `topic, partition, xid, "offset", extract(epoch FROM published_at) * 1000 AS published_ms,
  CASE WHEN octet_length(key) > ${PART_BYTES} THEN left(key, ${BEGINNING.keyBytes / 4}) ELSE key END AS key,
  CASE WHEN octet_length(value) > ${PART_BYTES} THEN substr(value, 1, ${BEGINNING.valueBytes}) ELSE value END AS value,
  CASE WHEN ${LARGE_HEADERS} THEN '{}' ELSE headers END AS headers,
  nullif(jsonb_strip_nulls(jsonb_build_object(
    'key', CASE WHEN octet_length(key) > ${PART_BYTES} THEN ${wholeOf(KEY_BYTES)} END,
    'value', CASE WHEN octet_length(value) > ${PART_BYTES} THEN ${wholeOf('value')} END,
    'headers', CASE WHEN ${LARGE_HEADERS} THEN ${wholeOf(HEADER_BYTES)} END)), '{}') AS whole`

/** Lists the columns by name, because statements with `*` are not prepared. */
const named = (of: string) =>
  ['topic', 'partition', 'xid', '"offset"', 'key', 'value', 'headers', 'published_at']
    .map((name) => `${of}.${name}`)
    .join(', ')

/** The size of a record as read: truncated parts count as `PART_BYTES`. */
const SIZE = `least(coalesce(octet_length(value), 0), ${PART_BYTES}) + least(coalesce(octet_length(key), 0), ${PART_BYTES}) + pg_column_size(headers)`

/** The next settled records after a position, in order. */
export async function readBehind(pool: Pool, position: Position, piece: Piece): Promise<Found[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM (
       SELECT ${named('r')}, sum(${SIZE}) OVER (ORDER BY xid, "offset" ROWS UNBOUNDED PRECEDING) - (${SIZE}) AS before FROM (
         SELECT ${named('r')} FROM bus.records AS r WHERE topic = $1 AND partition = $2 AND (xid, "offset") > ($3::xid8, $4::bigint) AND ${SETTLED}
         ORDER BY xid, "offset" LIMIT $5) AS r) AS sized
     WHERE before < $6 ORDER BY xid, "offset"`,
    [position.topic, position.partition, position.xid, position.offset, piece.records, piece.bytes],
  )
  return rows.map(foundIn)
}

/**
 * The next settled records of locked partitions, in order; read after locking, so that no position is stale. Partitions that do not fit
 * into the piece are left out; the lock order is random, so they are read another time.
 */
export async function readLocked(
  client: ClientBase,
  group: string,
  locked: readonly Partition[],
  piece: Piece,
): Promise<Found[][]> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM (
       SELECT ${named('r')}, place, sum(${SIZE}) OVER (ORDER BY place, r.xid, r."offset" ROWS UNBOUNDED PRECEDING) - (${SIZE}) AS before
       FROM bus.positions AS p
       JOIN unnest($2::text[], $3::int[]) WITH ORDINALITY AS l(topic, partition, place) USING (topic, partition)
       CROSS JOIN LATERAL (
         SELECT ${named('r')} FROM bus.records AS r WHERE ${BEHIND} AND r.${SETTLED} ORDER BY r.xid, r."offset" LIMIT $4) AS r
       WHERE p.consumer_group = $1) AS sized
     WHERE before < $5 ORDER BY place, xid, "offset"`,
    [group, locked.map((one) => one.topic), locked.map((one) => one.partition), piece.records, piece.bytes],
  )
  return [...Map.groupBy(rows.map(foundIn), ({ position }) => `${position.topic}/${position.partition}`).values()]
}

const foundIn = (row: Row): Found => ({
  position: { topic: row.topic, partition: row.partition, xid: row.xid, offset: row.offset },
  delivery: {
    origin: {
      topic: row.topic,
      partition: row.partition,
      offset: row.offset,
      timestamp: Math.round(Number(row.published_ms)),
    },
    key: row.key,
    value: row.value,
    headers: textOf(row.headers),
    ...(row.whole === null ? {} : { shortened: row.whole }),
  },
})

/** Other writers of the table may have stored any JSON; headers are text, as on Kafka. */
function textOf(headers: unknown): Record<string, string> {
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return { headers: text(headers) }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, text(value)]))
}
