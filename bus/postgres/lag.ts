import type { Pool } from 'pg'
import type { Lag, Subscription } from '../bus.ts'
import { BEHIND } from './log.ts'

export type Followed = Pick<Subscription, 'group' | 'topics'>

/** Counting stops here, because an exact count of a larger lag is expensive. */
const MOST = 100_000

export async function lagOf(pool: Pool, followed: readonly Followed[]): Promise<Lag[]> {
  const { rows } = await pool.query<Lag>(
    `SELECT p.consumer_group AS "group", p.topic, sum(behind.records)::int AS records
     FROM bus.positions AS p
     JOIN unnest($1::text[], $2::text[]) AS f(consumer_group, topic) USING (consumer_group, topic)
     CROSS JOIN LATERAL (SELECT count(*) AS records FROM (SELECT FROM bus.records AS r WHERE ${BEHIND} LIMIT ${MOST}) AS part) AS behind
     GROUP BY p.consumer_group, p.topic`,
    [followed.flatMap(({ group, topics }) => topics.map(() => group)), followed.flatMap(({ topics }) => topics)],
  )
  return rows
}
