/** Whether a component can do its work: it needs PostgreSQL and the bus. A source that is down only makes its answers partial. */
import type { Pool } from 'pg'
import type { Bus } from '../bus/bus.ts'
import { answers, remembered } from './answers.ts'

export interface Readiness<Source extends string> {
  ready: boolean
  checks: { postgres: boolean; bus: boolean } & Partial<Record<Source, boolean>>
  reasons?: { bus: string }
}

export interface ReadinessOptions<Source extends string> {
  pool: Pool
  bus: Pick<Bus, 'health'>
  /** why nothing is read from the bus, in words safe to show anyone; null: the bus is being read */
  unhealthy(): string | null
  /** probes of what is configured */
  sources: Partial<Record<Source, () => Promise<boolean>>>
}

const REMEMBERED_MS = 1000

export function readinessOf<Source extends string>(
  options: ReadinessOptions<Source>,
): () => Promise<Readiness<Source>> {
  const look = remembered(() => check(options), REMEMBERED_MS)
  return async () => {
    const checks = await look()
    const ready = checks.postgres && checks.bus
    const why = options.unhealthy()
    return { ready, checks, ...(ready || why === null ? {} : { reasons: { bus: why } }) }
  }
}

async function check<Source extends string>({ pool, bus, sources, unhealthy }: ReadinessOptions<Source>) {
  const probes = Object.entries(sources) as [Source, () => Promise<boolean>][]
  const [postgres, reached, ...asked] = await Promise.all([
    answers(() => pool.query('SELECT 1').then(() => true)),
    answers(async () => (await bus.health()).ok),
    ...probes.map(([, probe]) => answers(probe)),
  ])
  const checks: Partial<Record<Source, boolean>> = {}
  for (const [index, [name]] of probes.entries()) checks[name] = asked[index]
  return { postgres: postgres === true, bus: unhealthy() === null && reached === true, ...checks }
}
