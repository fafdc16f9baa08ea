/** The append-only table: writing, and how far each group has come, in an order that no open transaction can change afterwards. */
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

/** Rows of transactions older than every open one: nothing can come before them any more. */
export const SETTLED = `xid < pg_snapshot_xmin(pg_current_snapshot())`
export const BEHIND = `r.topic = p.topic AND r.partition = p.partition AND (r.xid, r."offset") > (p.xid, p."offset")`

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
 * Takes partitions that have something behind the group's position and that no other member holds, but for those to except, until the transaction ends. They come
 * in no order, so that none keeps the others from their turn. An advisory lock, unlike one on a row, gives the transaction no number: what
 * others publish meanwhile is settled at once. `unsettled`: an open transaction still holds something back; it is told by the same look,
 * because what is held back now may be settled at the next.
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

/** Deletes what is older than its topic keeps, and what is more; positions stay where they are. */
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

/** Kafka's `retention.bytes`: the newest of each partition stay, as many as fit. */
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

/** FNV-1a: the same key always lies in the same partition. */
function partitionOf(key: string, partitions: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(key)) hash = Math.imul(hash ^ byte, 0x01000193)
  return (hash >>> 0) % partitions
}
