import { askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { PrometheusOptions } from './local/prometheus.ts'

/** One sample for `openMetrics`: time in seconds since 1970. */
export type Sample = { name: string; labels: Record<string, string>; seconds: number; value: number }

const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

/** As it stands where it holds nothing but letters, digits and underscores; quoted otherwise (Prometheus 3). */
const named = (name: string) => (/^[\w:]+$/.test(name) ? name : `"${escaped(name)}"`)

function series(name: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, label]) => `${named(key)}="${escaped(label)}"`)
  return named(name) === name ? `${name}{${pairs.join(',')}}` : `{${[named(name), ...pairs].join(',')}}`
}

/** Writes samples as the OpenMetrics text that a Prometheus can be started with: gauges, grouped by name as it demands. */
export function openMetrics(samples: Iterable<Sample>): string {
  const families = Map.groupBy(samples, ({ name }) => name)
  const lines = [...families].flatMap(([name, family]) => [
    `# TYPE ${named(name)} unknown`,
    ...family.map(({ labels, seconds, value }) => `${series(name, labels)} ${value} ${seconds}`),
  ])
  return [...lines, '# EOF', ''].join('\n')
}

/** A Prometheus of the caller's own: its history is put there before it starts, so that no two tests share one. */
export const startPrometheus = (options: PrometheusOptions = {}): Promise<PrivateServer<{ url: string }>> =>
  askPrivate('prometheus', options)
