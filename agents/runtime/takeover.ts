/** Owners send heartbeats; the runs of an owner that stops sending them go to another one. */
import type { Pool } from 'pg'
import { type Database, transaction } from '../../bus/postgres/transaction.ts'
import type { BegunRun, Engine } from './engine.ts'

/** ms; a dead owner's runs are taken over within the sum of both plus one poll of the queue, well below 15 s */
export const TAKEOVER: TakeoverTimes = { heartbeatMs: 1500, goneMs: 8000 }

export interface TakeoverTimes {
  /** ms between heartbeats, and between checks for owners without one */
  heartbeatMs: number
  /** ms without a heartbeat after which an owner is dead */
  goneMs: number
}

export interface Heartbeat {
  /** Gives unfinished runs to other owners at once, without counting a failed start. */
  stop(): Promise<void>
}

export interface Takeover {
  stop(): void
}

interface HeartbeatOptions {
  pool: Pool
  owner: string
  times: TakeoverTimes
  onError(error: unknown): void
}

/** Must start before the owner can be given a run: if it died without ever sending a heartbeat, the run would stay with it. */
export async function startHeartbeat({ pool, owner, times, onError }: HeartbeatOptions): Promise<Heartbeat> {
  const beat = () =>
    pool.query(
      `INSERT INTO runtime.owners (owner) VALUES ($1) ON CONFLICT (owner) DO UPDATE SET heartbeat_at = clock_timestamp()`,
      [owner],
    )
  await beat()
  const timer = everyMs(times.heartbeatMs, beat, onError)
  return {
    async stop() {
      clearInterval(timer)
      await pool.query(`UPDATE runtime.runs SET starts = starts - 1 WHERE owner = $1 AND status = 'started'`, [owner])
      await pool.query(`DELETE FROM runtime.owners WHERE owner = $1`, [owner])
    },
  }
}

interface TakeoverOptions extends HeartbeatOptions {
  queues: readonly string[]
  engine: Engine
  onTaken(owner: string, runs: readonly BegunRun[]): void
}

export function startTakeover(options: TakeoverOptions): Takeover {
  const timer = everyMs(options.times.heartbeatMs, () => takeOverGone(options), options.onError)
  return { stop: () => clearInterval(timer) }
}

/**
 * One replica at a time, so that no run is handed out twice. Starts from the owners of unfinished runs, which may include some that have no row in
 * `owners`.
 */
async function takeOverGone({ pool, queues, engine, times, onTaken }: TakeoverOptions): Promise<void> {
  const begun = await engine.begun(queues)
  if (begun.length === 0) return
  await transaction(pool, async (client) => {
    const { rows: lock } = await client.query<{ held: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext('runtime.takeover')) AS held`,
    )
    if (lock[0]?.held !== true) return
    const alive = await aliveOf(client, times.goneMs)
    const gone = (await engine.begun(queues)).filter(({ owner }) => !alive.has(owner))
    for (const [owner, runs] of Map.groupBy(gone, (run) => run.owner)) {
      for (const [queue, ofQueue] of Map.groupBy(runs, (run) => run.queue))
        await engine.takeOver(queue, ofQueue.map(({ runId }) => runId)) // prettier-ignore
      onTaken(owner, runs)
    }
  })
}

/** Owners with a recent heartbeat; rows of the others are deleted. */
async function aliveOf(client: Database, goneMs: number): Promise<Set<string>> {
  await client.query(`DELETE FROM runtime.owners WHERE heartbeat_at < clock_timestamp() - make_interval(secs => $1)`, [
    goneMs / 1000,
  ])
  const { rows } = await client.query<{ owner: string }>('SELECT owner FROM runtime.owners')
  return new Set(rows.map(({ owner }) => owner))
}

/** Skips a turn while the last one is still running. */
function everyMs(ms: number, work: () => Promise<unknown>, onError: (error: unknown) => void): NodeJS.Timeout {
  let busy = false
  return setInterval(() => {
    if (busy) return
    busy = true
    void work()
      .catch(onError)
      .finally(() => (busy = false))
  }, ms)
}
