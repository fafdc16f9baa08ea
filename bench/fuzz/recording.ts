/** A small valid recording as plain values, for mutation: three services, one of which becomes slow half way. */

const instant = (second: number): string => new Date(Date.parse('2026-03-01T09:40:00Z') + second * 1000).toISOString()
const SERVICES = ['frontend', 'cart', 'payment']

export interface PlainRecording {
  incident: unknown
  /** rows of cells, the header first */
  metrics: unknown[][]
  logs: unknown[]
  traces: unknown[]
  graph: unknown
  changes: unknown
  alerts: unknown
  incidents: unknown
  deployments: unknown
}

export function plainRecording(): PlainRecording {
  return {
    incident: {
      id: 'one',
      window: { start: instant(1200), end: instant(1800) },
      baseline: { start: instant(0), end: instant(1200) },
      alert: { service: 'cart', summary: 'cart is slow', labels: { since: instant(1300) } },
      request: { kind: 'alert', service_name: 'cart' },
    },
    metrics: [['timestamp', 'service', 'instance', 'indicator', 'unit', 'value'], ...SERVICES.flatMap(samplesOf)],
    logs: Array.from({ length: 80 }, (_, at) => logLine(at)),
    traces: Array.from({ length: 20 }, (_, at) => trace(at)).flat(),
    graph: { edges: [{ from: 'frontend', to: 'cart' }, { from: 'cart', to: 'payment' }] }, // prettier-ignore
    changes: [{ id: 'c1', timestamp: instant(1250), event_type: 'deployment', service_name: 'cart', author: 'ann', summary: 'cart 2.0', changes: { before: { image: '1' }, after: { image: '2' } } }], // prettier-ignore
    alerts: { items: [{ id: 1, service_name: 'cart', status: 'firing', started_at: instant(1300), labels: {} }] },
    incidents: [{ id: 'i1', title: 'slow', service_name: 'cart', status: 'open', started_at: instant(1300) }],
    deployments: [{ id: 'd1', service_name: 'cart', image_tag: '2', started_at: instant(1250), status: 'done' }],
  }
}

const samplesOf = (service: string): unknown[][] =>
  Array.from({ length: 60 }, (_, at) => [instant(at * 30), service, `${service}-1`, 'latency_p95', 'ms', 20 + ((at * 7) % 5) + (service === 'cart' && at >= 44 ? 400 : 0)]) // prettier-ignore

const logLine = (at: number): unknown => ({
  timestamp: instant(at * 22),
  service: SERVICES[at % 3],
  instance: `i${at % 2}`,
  level: at > 60 && at % 3 === 1 ? 'error' : 'info',
  message: at > 60 && at % 3 === 1 ? `timeout after ${at} ms` : `request ${at} served`,
  trace_id: `t${at % 20}`,
  span_id: `s${at}`,
  attributes: { code: at, path: { a: [1] } },
})

const trace = (at: number): unknown[] =>
  SERVICES.map((service, depth) => ({
    trace_id: `t${at}`,
    span_id: `s${at}-${depth}`,
    ...(depth === 0 ? {} : { parent_span_id: `s${at}-${depth - 1}` }),
    service,
    name: `GET /${service}`,
    start: instant(at * 88 + depth * 0.01),
    end: instant(at * 88 + 0.1 + (service === 'cart' && at > 14 ? 0.9 : 0)),
    status: at > 14 && depth === 2 ? 'error' : 'ok',
    attributes: { 'span.kind': 'server' },
  }))

const cell = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
export const csvOf = (rows: readonly unknown[]): string =>
  rows.map((row) => `${(Array.isArray(row) ? row : [row]).map(cell).join(',')}\n`).join('')

/** Each file's text; a list that was mutated into another type becomes one line. */
export function filesOf(recording: PlainRecording): Record<string, string> {
  const { metrics, logs, traces, ...documents } = recording
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value])
  const lines = (value: unknown): string => list(value).map((one) => `${JSON.stringify(one) ?? ''}\n`).join('') // prettier-ignore
  return {
    'metrics.csv': csvOf(list(metrics)),
    'logs.jsonl': lines(logs),
    'traces.jsonl': lines(traces),
    ...Object.fromEntries(Object.entries(documents).map(([name, value]) => [`${name}.json`, JSON.stringify(value) ?? ''])), // prettier-ignore
  }
}
