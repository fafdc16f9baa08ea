/** How long it takes to store what is known, and to know it again. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAnomalyStore, prepareAnomalies } from '../../agents/anomaly/store.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'
import { STEP_MS } from './exports.ts'

const PART = { tenant: 'default', shard: 0 }

export async function restart(watcher: Watcher): Promise<{ savedMs: number; readMs: number; knownMs: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-'))
  const postgres = await startLocalPostgres(dataDir)
  await prepareAnomalies(postgres.url)
  const pool = openPool({ connectionString: postgres.url, max: 2 })
  try {
    const store = createAnomalyStore(pool)
    await store.hold('bench', 600_000)
    const began = performance.now()
    const outlook = { stepMs: STEP_MS, series: [], open: [] }
    await store.save('bench', PART, { watcher: watcher.snapshot(), outlook }, null)
    const saved = performance.now()
    await pool.query('SELECT state FROM anomaly.services')
    const read = performance.now()
    const state = await store.load(PART)
    const again = Watcher.restored(state!, { stepMs: STEP_MS, latenessMs: 0 })
    const known = performance.now()
    if (again.size.series !== watcher.size.series) throw new Error('not all series are known again')
    return { savedMs: saved - began, readMs: read - saved, knownMs: known - read }
  } finally {
    await pool.end()
    await postgres.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
