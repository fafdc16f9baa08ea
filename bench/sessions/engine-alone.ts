/** The baseline: the durable engine alone, with runs that have as many steps as a session, all of them empty. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DBOS } from '@dbos-inc/dbos-sdk'
import { startLocalPostgres } from '../../embedded/postgres.ts'

const QUEUE = 'bench'

export async function measureEngine(runs: number, steps: number): Promise<{ runs: number; seconds: number }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-engine-'))
  const postgres = await startLocalPostgres(dataDir)
  const quiet = () => undefined
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: postgres.url,
    logger: { info: quiet, debug: quiet, warn: quiet, error: quiet },
  })
  const workflow = DBOS.registerWorkflow(
    async () => {
      for (let step = 0; step < steps; step++) await DBOS.runStep(() => Promise.resolve(null), { name: `step ${step}` })
    },
    { name: 'empty' },
  )
  await DBOS.launch()
  await DBOS.registerQueue(QUEUE, { workerConcurrency: 20, minPollingIntervalMs: 25, onConflict: 'always_update' })
  const all = async (count: number) => {
    const handles = await Promise.all(
      Array.from({ length: count }, () => DBOS.startWorkflow(workflow, { queueName: QUEUE })()),
    )
    await Promise.all(handles.map((handle) => handle.getResult()))
  }
  await all(20)
  const began = performance.now()
  await all(runs)
  const seconds = (performance.now() - began) / 1000
  await DBOS.shutdown()
  await postgres.close()
  rmSync(dataDir, { recursive: true, force: true })
  return { runs, seconds }
}
