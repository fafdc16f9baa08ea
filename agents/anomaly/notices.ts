/** What the log says of watching, each thing once. */
import type { Logger } from 'pino'
import type { KeptOut } from '../../analysis/watch/exceptions.ts'
import type { Measured, Target } from './source.ts'
import type { Part } from './shards.ts'

export function createNotices(log: Logger) {
  /** services that could not be measured when they were last asked about, by tenant */
  const silent = new Map<string, Set<string>>()
  /** tenants of which not everything is watched, and what */
  const cut = new Set<string>()

  const isNew = (tenant: string, what: string): boolean => cut.size !== cut.add(`${what} ${tenant}`).size

  return {
    silent(tenant: string, targets: readonly Target[], failures: Measured['failures']): void {
      const before = silent.get(tenant) ?? new Set<string>()
      silent.set(tenant, before)
      const now = new Map(failures.map(({ service, why }) => [service, why]))
      for (const [service, error] of now)
        if (!before.has(service)) log.warn({ tenant, service, error }, 'not measured: a gap, not an anomaly')
      for (const { service } of targets)
        if (!now.has(service) && before.delete(service)) log.info({ tenant, service }, 'measured again')
      for (const service of now.keys()) before.add(service)
    },

    /** `watched`, `foretold`: series, if there are too many */
    cut(tenant: string, { watched, foretold }: { watched: number | null; foretold: number | null }): void {
      if (watched !== null && isNew(tenant, 'watched')) log.warn({ tenant, series: watched }, 'too many series: no others are watched') // prettier-ignore
      if (foretold !== null && isNew(tenant, 'foretold')) log.warn({ tenant, series: foretold }, 'too many series that can be full: nothing is foretold of others') // prettier-ignore
    },

    keptOut({ tenant }: Part, { service, reason }: KeptOut): void {
      log.info({ tenant, service, reason }, 'kept out')
    },
  }
}
