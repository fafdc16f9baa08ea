import { Counter, type Registry } from 'prom-client'
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
