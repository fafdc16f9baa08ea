import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { PrometheusOptions } from './local/prometheus.ts'

/** One sample for `openMetrics`; time in s since the epoch. */
export type Sample = { name: string; labels: Record<string, string>; seconds: number; value: number }

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** Unquoted if it has only letters, digits and underscores; otherwise quoted (Prometheus 3). */
const named = (name: string) => (/^[\w:]+$/.test(name) ? name : `"${escaped(name)}"`)

function series(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, label]) => `${named(key)}="${escaped(label)}"`)
  return named(name) === name ? `${name}{${pairs.join(',')}}` : `{${[named(name), ...pairs].join(',')}}`
}

/** Writes samples as OpenMetrics text for a Prometheus to start with: gauges, grouped by name as required. */
export function openMetrics(samples: Iterable<Sample>): string {
  const families = Map.groupBy(samples, ({ name }) => name)
  const lines = [...families].flatMap(([name, family]) => [
    `# TYPE ${named(name)} unknown`,
    ...family.map(({ labels, seconds, value }) => `${series(name, labels)} ${value} ${seconds}`),
  ])
  return [...lines, '# EOF', ''].join('\n')
}

/** A private Prometheus: its history is loaded before the start, so tests cannot share one. */
export const startPrometheus = (options: PrometheusOptions = {}): Promise<PrivateServer<{ url: string }>> =>
  askPrivate('prometheus', options)
