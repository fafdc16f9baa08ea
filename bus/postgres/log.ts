/** The append-only table and the groups' positions. Records are read in an order that no open transaction can change later. */
import type { ClientBase, Pool } from 'pg'
import type { Contract } from '../../schemas/contract.ts'
import type { EncodedRecord, StatementPart } from '../bus.ts'
import { joined } from './joined.ts'

export interface Position {
  topic: string
  partition: number
  xid: string
  offset: string
}

/** Rows written by transactions older than every open one: no row can still be inserted before them. */
export const SETTLED = `xid < pg_snapshot_xmin(pg_current_snapshot())`
export const BEHIND = `r.topic = p.topic AND r.partition = p.partition AND (r.xid, r."offset") > (p.xid, p."offset")`

/** SQL that publishes all records or none, as part of the statement that contains it. `first`: number of its first parameter. */
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

export const START: Pick<Position, 'xid' | 'offset'> = { xid: '0', offset: '0' }

/** Creates the start positions of a new group; existing positions are unchanged. */
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
 * Locks partitions with unread records until the transaction ends, but none in `except` and none that another member holds; in random order,
 * so that no partition starves the others. Uses advisory locks, which unlike row locks assign no transaction id: records published meanwhile
 * need not wait for this transaction to settle. `unsettled`: an open transaction still holds records back. It is read in the same query,
 * because that transaction may have ended by the next one.
 */
export async function lockBehind(
  client: ClientBase,
  group: string,
  topics: readonly string[],
  except: readonly Partition[],
  limit: number,
): Promise<{ locked: Partition[]; unsettled: boolean }> {
  const { rows } = await client.query<Partition & { settled: boolean; locked: boolean }>(
    `WITH behind AS MATERIALIZED (
       SELECT topic, partition, EXISTS (SELECT FROM bus.records AS r WHERE ${BEHIND} AND r.${SETTLED}) AS settled
       FROM bus.positions AS p WHERE consumer_group = $1 AND topic = ANY($2) AND (topic, partition) NOT IN (SELECT t, n FROM unnest($4::text[], $5::int[]) AS e(t, n))
       AND EXISTS (SELECT FROM bus.records AS r WHERE ${BEHIND})
       ORDER BY settled DESC, random())
     SELECT topic, partition, settled,
       settled AND pg_try_advisory_xact_lock(hashtextextended(concat_ws('/', $1::text, topic, partition), 0)) AS locked
     FROM behind LIMIT $3`,
    [group, topics, limit, except.map((one) => one.topic), except.map((one) => one.partition)],
  )
  return {
    locked: rows.filter(({ locked }) => locked).map(({ topic, partition }) => ({ topic, partition })),
    unsettled: rows.some(({ settled }) => !settled),
  }
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

/** Applies `retention.ms` and `retention.bytes` of each topic; positions are unchanged. */
export async function deleteExpired(pool: Pool, contract: Contract): Promise<void> {
  for (const topic of [...contract.topics, ...contract.deadLetterTopics]) {
    const retentionMs = Number(topic.config['retention.ms'])
    if (!Number.isFinite(retentionMs) || retentionMs < 0) continue
    await pool.query(
      `DELETE FROM bus.records WHERE topic = $1 AND published_at < clock_timestamp() - make_interval(secs => $2)`,
      [topic.name, retentionMs / 1000],
    )
  }
  for (const topic of [...contract.topics, ...contract.deadLetterTopics]) {
    const most = Number(topic.config['retention.bytes'])
    if (Number.isFinite(most) && most >= 0) await deleteBeyond(pool, topic.name, most)
  }
}

/** As Kafka's `retention.bytes`: keeps the newest records of each partition that fit. */
async function deleteBeyond(pool: Pool, topic: string, bytes: number): Promise<void> {
  await pool.query(
    `DELETE FROM bus.records AS r USING (
       SELECT topic, partition, xid, "offset", sum(coalesce(octet_length(value), 0)) OVER (
         PARTITION BY partition ORDER BY xid DESC, "offset" DESC) AS behind
       FROM bus.records WHERE topic = $1) AS sized
     WHERE r.topic = sized.topic AND r.partition = sized.partition AND r.xid = sized.xid AND r."offset" = sized."offset"
       AND sized.behind > $2`,
    [topic, bytes],
  )
}

/** FNV-1a hash of the key: the same key always maps to the same partition. */
function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitions
}
