import { Counter, Gauge, Histogram } from 'prom-client'
import { createComponentMetrics, type MetricsOptions } from '../health/metrics.ts'

/** The gateway's own metrics. Label values come from fixed sets, such as the operations of the OpenAPI document. */
export function createMetrics(streams: { size(): number }, component: MetricsOptions) {
  const { registry, close } = createComponentMetrics(component)
  const registers = [registry]
  return {
    ...{ registry, close },
    requests: new Histogram({
      name: 'sre_gateway_request_duration_seconds',
      help: 'Time to answer a request; event streams are not counted',
      labelNames: ['operation', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    folded: new Counter({ name: 'sre_gateway_folded_records_total', help: 'Records folded into the views', registers }),
    foldSeconds: new Histogram({
      name: 'sre_gateway_fold_duration_seconds',
      help: 'Time to fold one batch',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    ignoredStatements: new Counter({
      name: 'sre_gateway_ignored_statements_total',
      help: 'Closings and outcomes not signed by the executor, sent to dead letters',
      labelNames: ['event', 'code'],
      registers,
    }),
    alerts: new Counter({
      name: 'sre_gateway_alerts_total',
      help: 'Alerts received from Alertmanager, by outcome: started (a diagnosis), repeated (it has one already), resolved, ignored (nobody owns its service, or it names none), refused (unusable)',
      labelNames: ['outcome'],
      registers,
    }),
    streams: new Gauge({
      name: 'sre_gateway_event_streams',
      help: 'Open event streams',
      registers,
      collect() {
        this.set(streams.size())
      },
    }),
  }
}

export type Metrics = ReturnType<typeof createMetrics>
