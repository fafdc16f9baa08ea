import { Counter, Gauge, type Registry } from 'prom-client'
import type { AnomalyAgent } from './anomaly.ts'

export function countKeptOut(registry: Registry, keptOut: AnomalyAgent['keptOut']): void {
  new Counter({
    name: 'sre_anomalies_kept_out_total',
    help: 'How often a service was off and kept out of the announcements',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset()
      for (const [reason, count] of Object.entries(keptOut())) this.inc({ reason }, count)
    },
  })
}

/** `names`: of all queries. */
export function gaugeQueries(
  registry: Registry,
  names: readonly string[],
  failing: () => ReadonlyMap<string, string>,
): void {
  new Gauge({
    name: 'sre_anomaly_query_up',
    help: 'Whether a query of ANOMALY_QUERIES_FILE was answered when it was last asked',
    labelNames: ['query'],
    registers: [registry],
    collect() {
      for (const query of names) this.set({ query }, failing().has(query) ? 0 : 1)
    },
  })
}
