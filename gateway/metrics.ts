import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/** The gateway's own metrics. Label values are bounded: operations and statuses of the document. */
export function createMetrics(streams: { size(): number }, viewsUnhealthy: () => string | null) {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
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
    dropped: new Counter({
      name: 'sre_dropped_total',
      help: 'Items this process dropped because a limit was reached',
      labelNames: ['what'],
      registers,
    }),
    deadLetters: new Counter({
      name: 'sre_gateway_dead_letters_total',
      help: 'Records the views could not process, sent to a dead-letter topic',
      labelNames: ['topic', 'code'],
      registers,
    }),
    stopped: new Gauge({
      name: 'sre_gateway_views_stopped',
      help: '1 while the views or one of their partitions are stalled; readyz says why',
      registers,
      collect() {
        this.set(viewsUnhealthy() === null ? 0 : 1)
      },
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
