/** What a run has said: each emission is kept, and published once, however many owners the run has had. */
import type { Pool } from 'pg'
import type { EncodedRecord, InStatement } from '../../bus/bus.ts'
import { joined } from '../../bus/postgres/joined.ts'

/** The place of the records that tell how a run ended early: behind none of its emissions. */
export const ENDING = -1

/** Nothing may be concluded about the run here: another owner goes on with it, or has ended it. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError'
}

export interface EmissionPlace {
  runId: string
  /** counts the emissions of the run from 0, or `ENDING` */
  number: number
  /** who publishes it */
  owner: string
}

export interface KeptEmission {
  topics: readonly string[]
  /** what still has to be published, as it was kept */
  records: readonly EncodedRecord[]
  /** it stands in the topics, and is not published again */
  published: boolean
}

/** `inStatement`: the bus lies in the same database, and publishing is one statement with its entry in the journal. */
export function createEmissions(pool: Pool, inStatement?: InStatement) {
  return {
    /**
     * Publishes one emission with its entry in the journal, or keeps its bytes before it is published where that is not one statement.
     * Gives what was kept first: a repeat, by whichever owner, is byte-identical. Throws `RunLostError` when another owner has taken it
     * over or ended it.
     */
    async record(place: EmissionPlace, records: readonly EncodedRecord[]): Promise<KeptEmission> {
      const topics = records.map((record) => record.topic)
      if (inStatement !== undefined) {
        const publishing = inStatement.publishing(records, 5)
        const { rowCount } = await pool.query(
          `WITH entry AS (
             INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies, published)
             SELECT $1, $2, $4, '{}', '{}', '{}', true
             FROM runtime.runs WHERE run_id = $1 AND owner = $3 AND status <> 'ended' FOR SHARE
             ON CONFLICT DO NOTHING RETURNING run_id)
           SELECT ${publishing.sql} FROM entry`,
          [place.runId, place.number, place.owner, topics, ...publishing.values],
        )
        return rowCount === 1 ? { topics, records: [], published: true } : kept(pool, place)
      }
      const bodies = joined(records.map((record) => record.value))
      const { rowCount } = await pool.query(
        `INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies)
         SELECT $1, $2, $4, $5, $6, ARRAY(SELECT substr($7::bytea, start, length) FROM unnest($8::int[], $9::int[]) AS b(start, length))
         FROM runtime.runs WHERE run_id = $1 AND owner = $3 AND status <> 'ended' FOR SHARE
         ON CONFLICT DO NOTHING`,
        [
          place.runId,
          place.number,
          place.owner,
          topics,
          records.map((record) => record.key),
          records.map((record) => JSON.stringify(record.headers)),
          bodies.bytes,
          bodies.starts,
          bodies.lengths,
        ],
      )
      return rowCount === 1 ? { topics, records, published: false } : kept(pool, place)
    },

    /** What a run has emitted so far, in order, but for how it ended. Throws `RunLostError` as `record` does. */
    async emitted(runId: string, owner: string): Promise<KeptEmission[]> {
      const { rows } = await pool.query<{ number: number }>(
        `SELECT number FROM runtime.emissions WHERE run_id = $1 AND number <> $2 ORDER BY number`,
        [runId, ENDING],
      )
      return Promise.all(rows.map(({ number }) => kept(pool, { runId, number, owner })))
    },

    /** The entry in the journal of an emission: it is not published again. */
    async published({ runId, number }: EmissionPlace): Promise<void> {
      await pool.query(`UPDATE runtime.emissions SET published = true WHERE run_id = $1 AND number = $2`, [
        runId,
        number,
      ])
    },
  }
}

async function kept(pool: Pool, { runId, number, owner }: EmissionPlace): Promise<KeptEmission> {
  const { rows } = await pool.query<{
    topics: string[]
    keys: string[]
    bodies: Buffer[]
    headers: string[]
    published: boolean
  }>(
    `SELECT topics, keys, bodies, emissions.headers, published FROM runtime.emissions JOIN runtime.runs USING (run_id)
     WHERE run_id = $1 AND number = $2 AND owner = $3 AND status <> 'ended'`,
    [runId, number, owner],
  )
  const [row] = rows
  if (row === undefined) throw new RunLostError(`run ${runId} was taken over or ended by another owner`)
  const { topics, keys, bodies, headers, published } = row
  const recordAt = (topic: string, place: number): EncodedRecord => ({
    topic,
    key: keys[place]!,
    value: bodies[place]!,
    headers: JSON.parse(headers[place]!) as Record<string, string>,
  })
  return { topics, records: published ? [] : topics.map(recordAt), published }
}
