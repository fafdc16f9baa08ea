/** Changes that others made to the managed services, as their pipeline reports them: each is recorded once. */
import type { Background } from './background.ts'
import { recordChange } from './change-log.ts'
import { freshTrace } from './events.ts'
import type { House } from './house.ts'
import type { ToldChange } from './managed-services.ts'

const AUTHOR = 'pipeline'

/** Returns a function that stops listening. */
export function recordToldChanges(house: House, background: Background): () => void {
  const take = (change: ToldChange) => background.run({ change: change.id }, () => record(house, change))
  return house.managed.onChange?.(take) ?? (() => undefined)
}

async function record(house: House, { at, ...change }: ToldChange): Promise<void> {
  const { rows } = await house.pool.query('SELECT 1 FROM control_plane.audit_logs WHERE id = $1', [change.id])
  if (rows.length > 0) return
  const since = new Date(at)
  await recordChange(house, { ...change, at: since, author: AUTHOR, deploymentId: null, trace: freshTrace() }, since)
}
