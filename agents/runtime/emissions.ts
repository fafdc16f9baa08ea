/** What a run publishes: each emission is stored and published once, whichever process owns the run. */
import type { Pool } from 'pg'
import type { EncodedRecord, InStatement } from '../../bus/bus.ts'
import { packRecords, unpackRecords } from './packed-records.ts'

/** Number of the records that report how a run ended early; it comes after all emissions. */
export const ENDING = -1

/** This process no longer owns the run: another one continues it or has ended it. */
export class RunLostError extends Error {
  override readonly name = 'RunLostError'
}

export interface EmissionPlace {
  runId: string
  /** 0-based number of the emission within the run, or `ENDING` */
  number: number
  /** process that publishes it */
  owner: string
}

export interface KeptEmission {
  topics: readonly string[]
  /** records that remain to be published, as stored */
  records: readonly EncodedRecord[]
  /** already published */
  published: boolean
  /** stored by an earlier attempt */
  repeat: boolean
}

/** `inStatement`: set if the bus is in the same database, so that publishing and its journal entry are one statement. */
export function createEmissions(pool: Pool, inStatement?: InStatement) {
  return {
    /**
     * Publishes one emission together with its journal entry; if that cannot be one statement, stores the bytes before publishing. Returns what was
     * stored first, so a repeat by any owner is byte-identical. Throws `RunLostError` if another owner has taken over or ended the run.
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
        return rowCount === 1 ? { topics, records: [], published: true, repeat: false } : kept(pool, place)
      }
      const { rowCount } = await pool.query(
        `INSERT INTO runtime.emissions (run_id, number, topics, keys, headers, bodies, packed)
         SELECT $1, $2, $4, '{}', '{}', '{}', $5
         FROM runtime.runs WHERE run_id = $1 AND owner = $3 AND status <> 'ended' FOR SHARE
         ON CONFLICT DO NOTHING`,
        [place.runId, place.number, place.owner, topics, await packRecords(records)],
      )
      return rowCount === 1 ? { topics, records, published: false, repeat: false } : kept(pool, place)
    },

    /** The run's emissions so far, in order, without how it ended. Throws `RunLostError` as `record` does. */
    async emitted(runId: string, owner: string): Promise<KeptEmission[]> {
      const { rows } = await pool.query<{ number: number }>(
        `SELECT number FROM runtime.emissions WHERE run_id = $1 AND number <> $2 ORDER BY number`,
        [runId, ENDING],
      )
      return Promise.all(rows.map(({ number }) => kept(pool, { runId, number, owner })))
    },

    /** Marks an emission as published. */
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
    packed: Buffer | null
    published: boolean
  }>(
    `SELECT topics, keys, bodies, emissions.headers, packed, published FROM runtime.emissions JOIN runtime.runs USING (run_id)
     WHERE run_id = $1 AND number = $2 AND owner = $3 AND status <> 'ended'`,
    [runId, number, owner],
  )
  const [row] = rows
  if (row === undefined) throw new RunLostError(`run ${runId} was taken over or ended by another owner`)
  const { topics, keys, bodies, headers, packed, published } = row
  if (published) return { topics, records: [], published, repeat: true }
  const recordAt = (topic: string, place: number): EncodedRecord => ({
    topic,
    key: keys[place]!,
    value: bodies[place]!,
    headers: JSON.parse(headers[place]!) as Record<string, string>,
  })
  const records = packed === null ? topics.map(recordAt) : await unpackRecords(packed)
  return { topics, records, published, repeat: true }
}
