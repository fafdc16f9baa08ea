/** Owners say that they live; the runs of one that stopped saying so go to another. */
import type { Pool } from 'pg'
import type { Engine } from './engine.ts'

/** ms; a dead owner's runs are taken over within both together and one look at the queue, well below 15 s */
export const TAKEOVER: TakeoverTimes = { heartbeatMs: 1500, goneMs: 8000 }

export interface TakeoverTimes {
  /** ms between two signs of life */
  heartbeatMs: number
  /** ms without one after which an owner is gone */
  goneMs: number
}

export interface Takeover {
  stop(): Promise<void>
}

export async function startTakeover(options: {
  pool: Pool
  owner: string
  agents: readonly string[]
  engine: Engine
  times: TakeoverTimes
  onError(error: unknown): void
}): Promise<Takeover> {
  const { pool, owner, agents, engine, times } = options
  const beat = () =>
    pool.query(
      `INSERT INTO runtime.owners (owner, agent) SELECT $1, unnest($2::text[])
       ON CONFLICT (owner, agent) DO UPDATE SET heartbeat_at = clock_timestamp()`,
      [owner, agents],
    )
  await beat()
  let busy = false
  const timer = setInterval(() => {
    if (busy) return
    busy = true
    void beat()
      .then(() => takeOverGone(pool, agents, engine, times.goneMs))
      .catch(options.onError)
      .finally(() => (busy = false))
  }, times.heartbeatMs)
  return {
    /** Leaves what is not finished to the others at once, without counting against the run. */
    async stop() {
      clearInterval(timer)
      await pool.query(`UPDATE runtime.runs SET starts = starts - 1 WHERE owner = $1 AND status = 'started'`, [owner])
      await pool.query(`UPDATE runtime.owners SET heartbeat_at = '-infinity' WHERE owner = $1`, [owner])
    },
  }
}

/** One owner at a time, its row locked, so that two replicas never hand the same run out twice. */
async function takeOverGone(pool: Pool, agents: readonly string[], engine: Engine, goneMs: number): Promise<void> {
  const client = await pool.connect()
  try {
    for (;;) {
      await client.query('BEGIN')
      const { rows } = await client.query<{ owner: string; agent: string }>(
        `SELECT owner, agent FROM runtime.owners
         WHERE agent = ANY($1) AND heartbeat_at < clock_timestamp() - make_interval(secs => $2)
         ORDER BY heartbeat_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [agents, goneMs / 1000],
      )
      const gone = rows[0]
      if (gone !== undefined) {
        await engine.takeOver(gone.owner, gone.agent)
        await client.query(`DELETE FROM runtime.owners WHERE owner = $1 AND agent = $2`, [gone.owner, gone.agent])
      }
      await client.query('COMMIT')
      if (gone === undefined) return
    }
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}
