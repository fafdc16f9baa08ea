/** The append-only table: writing, and reading in an order that no open transaction can change afterwards. */
import type { ClientBase, Pool } from 'pg'
import type { Contract } from '../../schemas/contract.ts'
import type { Delivery, EncodedRecord } from '../bus.ts'

/** Wakes consumers; they also look by themselves. */
export const WAKE_CHANNEL = 'sre_bus'

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

/** All or none, in one round trip. */
export async function append(
  pool: Pool,
  partitionsOf: (topic: string) => number,
  records: readonly EncodedRecord[],
): Promise<void> {
  await pool.query(
    `WITH written AS (
       INSERT INTO bus.records (topic, partition, key, value, headers)
       SELECT topic, partition, key, value, headers::jsonb
       FROM unnest($1::text[], $2::int[], $3::text[], $4::bytea[], $5::text[]) WITH ORDINALITY
         AS r(topic, partition, key, value, headers, place) ORDER BY place)
     SELECT pg_notify('${WAKE_CHANNEL}', '')`,
    [
      records.map((record) => record.topic),
      records.map((record) => partitionOf(record.key, partitionsOf(record.topic))),
      records.map((record) => record.key),
      records.map((record) => record.value),
      records.map((record) => JSON.stringify(record.headers)),
    ],
  )
}

/** The next settled records behind a position, in order. */
export async function readBehind(
  client: ClientBase | Pool,
  position: Position,
  limit: number,
): Promise<{ delivery: Delivery; position: Position }[]> {
  const { rows } = await client.query<Row>(
    `SELECT ${COLUMNS} FROM bus.records
     WHERE topic = $1 AND partition = $2 AND (xid, "offset") > ($3::xid8, $4::bigint) AND ${SETTLED}
     ORDER BY xid, "offset" LIMIT $5`,
    [position.topic, position.partition, position.xid, position.offset, limit],
  )
  return rows.map((row) => ({
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
  }))
}

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

/** Locks positions of the group that have something behind them and that no other member holds. */
export async function lockBehind(
  client: ClientBase,
  group: string,
  topics: readonly string[],
  limit: number,
): Promise<Position[]> {
  const { rows } = await client.query<Position>(
    `SELECT topic, partition, xid, "offset" FROM bus.positions AS p
     WHERE consumer_group = $1 AND topic = ANY($2) AND EXISTS (
       SELECT FROM bus.records AS r WHERE r.topic = p.topic AND r.partition = p.partition AND (r.xid, r."offset") > (p.xid, p."offset")
         AND r.${SETTLED})
     ORDER BY topic, partition LIMIT $3 FOR UPDATE SKIP LOCKED`,
    [group, topics, limit],
  )
  return rows
}

export async function moveOn(client: ClientBase, group: string, to: Position): Promise<void> {
  await client.query(
    `UPDATE bus.positions SET xid = $4::xid8, "offset" = $5 WHERE consumer_group = $1 AND topic = $2 AND partition = $3`,
    [group, to.topic, to.partition, to.xid, to.offset],
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
