/** The append-only table: writing, and reading in an order that no open transaction can change afterwards. */
import type { ClientBase, Pool } from 'pg'
import type { Contract } from '../../schemas/contract.ts'
import type { Delivery, EncodedRecord, StatementPart } from '../bus.ts'
import { joined } from './joined.ts'

export interface Position {
  topic: string
  partition: number
  xid: string
  offset: string
}

interface Row extends Position {
  key: string | null
  value: Buffer | null
  headers: Record<string, string>
  published_ms: string
}

const COLUMNS = `topic, partition, xid, "offset", key, value, headers, extract(epoch FROM published_at) * 1000 AS published_ms`
/** Rows of transactions older than every open one: nothing can come before them any more. */
const SETTLED = `xid < pg_snapshot_xmin(pg_current_snapshot())`
const BEHIND = `r.topic = p.topic AND r.partition = p.partition AND (r.xid, r."offset") > (p.xid, p."offset")`

/** The call that publishes: all or none, together with the statement it is in. Its parameters are counted from `first`. */
export function appending(
  partitionsOf: (topic: string) => number,
  records: readonly EncodedRecord[],
  first: number,
): StatementPart {
  const bodies = joined(records.map((record) => record.value))
  const types = ['text[]', 'int[]', 'text[]', 'bytea', 'int[]', 'int[]', 'text[]']
  return {
    sql: `bus.append(${types.map((type, place) => `$${first + place}::${type}`).join(', ')})`,
    values: [
      records.map((record) => record.topic),
      records.map((record) => partitionOf(record.key, partitionsOf(record.topic))),
      records.map((record) => record.key),
      bodies.bytes,
      bodies.starts,
      bodies.lengths,
      records.map((record) => JSON.stringify(record.headers)),
    ],
  }
}

export interface Found {
  delivery: Delivery
  position: Position
}

/** The next settled records behind a position, in order. */
export async function readBehind(pool: Pool, position: Position, limit: number): Promise<Found[]> {
  const { rows } = await pool.query<Row>(
    `SELECT ${COLUMNS} FROM bus.records
     WHERE topic = $1 AND partition = $2 AND (xid, "offset") > ($3::xid8, $4::bigint) AND ${SETTLED}
     ORDER BY xid, "offset" LIMIT $5`,
    [position.topic, position.partition, position.xid, position.offset, limit],
  )
  return rows.map(foundIn)
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
    headers: row.headers,
  },
})

export const START: Pick<Position, 'xid' | 'offset'> = { xid: '0', offset: '0' }

/** Creates the positions a new group begins at; those of a known group stay. */
export async function openPositions(
  pool: Pool,
  group: string,
  partitions: readonly Pick<Position, 'topic' | 'partition'>[],
  from: 'earliest' | 'latest',
): Promise<void> {
  await pool.query(
    `INSERT INTO bus.positions (consumer_group, topic, partition, xid, "offset")
     SELECT $1, topic, partition, CASE $4 WHEN 'earliest' THEN '0'::xid8 ELSE pg_snapshot_xmax(pg_current_snapshot()) END, 0
     FROM unnest($2::text[], $3::int[]) AS p(topic, partition) ON CONFLICT DO NOTHING`,
    [group, partitions.map((one) => one.topic), partitions.map((one) => one.partition), from],
  )
}

export type Partition = Pick<Position, 'topic' | 'partition'>

/**
 * Takes partitions that have something behind the group's position and that no other member holds, until the transaction ends. They come
 * in no order, so that none keeps the others from their turn. An advisory lock, unlike one on a row, gives the transaction no number: what
 * others publish meanwhile is settled at once. `unsettled`: an open transaction still holds something back; it is told by the same look,
 * because what is held back now may be settled at the next.
 */
export async function lockBehind(
  client: ClientBase,
  group: string,
  topics: readonly string[],
  limit: number,
): Promise<{ locked: Partition[]; unsettled: boolean }> {
  const { rows } = await client.query<Partition & { settled: boolean; locked: boolean }>(
    `WITH behind AS MATERIALIZED (
       SELECT topic, partition, EXISTS (SELECT FROM bus.records AS r WHERE ${BEHIND} AND r.${SETTLED}) AS settled
       FROM bus.positions AS p WHERE consumer_group = $1 AND topic = ANY($2) AND EXISTS (SELECT FROM bus.records AS r WHERE ${BEHIND})
       ORDER BY settled DESC, random())
     SELECT topic, partition, settled,
       settled AND pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', $1::text, topic, partition), 0)) AS locked
     FROM behind LIMIT $3`,
    [group, topics, limit],
  )
  return {
    locked: rows.filter(({ locked }) => locked).map(({ topic, partition }) => ({ topic, partition })),
    unsettled: rows.some(({ settled }) => !settled),
  }
}

/** The next settled records of locked partitions, in order, at most `limit` of each; read after the lock, so that no position is stale. */
export async function readLocked(
  client: ClientBase,
  group: string,
  locked: readonly Partition[],
  limit: number,
): Promise<Found[][]> {
  const { rows } = await client.query<Row>(
    `SELECT r.topic, r.partition, r.xid, r."offset", r.key, r.value, r.headers, r.published_ms FROM bus.positions AS p
     JOIN unnest($2::text[], $3::int[]) AS l(topic, partition) USING (topic, partition)
     CROSS JOIN LATERAL (
       SELECT ${COLUMNS} FROM bus.records AS r WHERE ${BEHIND} AND r.${SETTLED} ORDER BY xid, "offset" LIMIT $4) AS r
     WHERE p.consumer_group = $1 ORDER BY r.topic, r.partition, r.xid, r."offset"`,
    [group, locked.map((one) => one.topic), locked.map((one) => one.partition), limit],
  )
  return [...Map.groupBy(rows.map(foundIn), ({ position }) => `${position.topic}/${position.partition}`).values()]
}

export async function moveOn(client: ClientBase, group: string, to: readonly Position[]): Promise<void> {
  await client.query(
    `UPDATE bus.positions AS p SET xid = t.xid::xid8, "offset" = t."offset"
     FROM unnest($2::text[], $3::int[], $4::text[], $5::bigint[]) AS t(topic, partition, xid, "offset")
     WHERE p.consumer_group = $1 AND p.topic = t.topic AND p.partition = t.partition`,
    [
      group,
      to.map((one) => one.topic),
      to.map((one) => one.partition),
      to.map((one) => one.xid),
      to.map((one) => one.offset),
    ],
  )
}

/** Deletes what is older than its topic keeps; positions stay where they are. */
export async function deleteExpired(pool: Pool, contract: Contract): Promise<void> {
  for (const topic of [...contract.topics, ...contract.deadLetterTopics]) {
    const retentionMs = Number(topic.config['retention.ms'])
    if (!Number.isFinite(retentionMs) || retentionMs < 0) continue
    await pool.query(
      `DELETE FROM bus.records WHERE topic = $1 AND published_at < clock_timestamp() - make_interval(secs => $2)`,
      [topic.name, retentionMs / 1000],
    )
  }
}

/** FNV-1a: the same key always lies in the same partition. */
function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitions
}
