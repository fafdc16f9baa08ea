/** Writes generated incidents as recordings, to look at or to ask `sre analyze rca`. The answer is in `truth.json`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TimeRange } from '../../analysis/observations.ts'
import type { Incident } from './incident.ts'

/** Creates the folder `<dir>/<id>`, and returns it. */
export function writeIncident(dir: string, incident: Incident): string {
  const { id, kind, truth, guilty, scene, observations } = incident
  const folder = join(dir, id)
  mkdirSync(folder, { recursive: true })
  const files: Record<string, string> = {
    'incident.json': json(asked(incident)),
    'metrics.csv': metricsOf(incident),
    'graph.json': json({ edges: observations.edges }),
    'changes.json': json(observations.changes.map(({ type, service, timestamp, ...rest }) => ({ ...rest, timestamp: written(timestamp), event_type: type, service_name: service }))), // prettier-ignore
    'truth.json': json({ root_causes: truth === null ? [] : [{ service: truth, kind }], guilty_change: guilty, scene }),
  }
  if (observations.logs.length > 0) files['logs.jsonl'] = lines(observations.logs.map(({ timestamp, ...rest }) => ({ timestamp: written(timestamp), ...rest }))) // prettier-ignore
  if (observations.spans.length > 0) files['traces.jsonl'] = lines(observations.spans.map(({ traceId, spanId, parentSpanId, start, end, ...rest }) => ({ trace_id: traceId, span_id: spanId, ...(parentSpanId === undefined ? {} : { parent_span_id: parentSpanId }), start: written(start), end: written(end), ...rest }))) // prettier-ignore
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** To microseconds. */
function written(ms: number): string {
  const micros = Math.round(ms * 1000)
  const whole = Math.floor(micros / 1000)
  return `${new Date(whole).toISOString().slice(0, -1)}${`${micros - whole * 1000}`.padStart(3, '0')}Z`
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
const lines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('')
const range = ({ start, end }: TimeRange): unknown => ({ start: written(start), end: written(end) })

function asked({ id, observations: { window, baseline, onset, alert } }: Incident): unknown {
  return {
    id,
    title: alert?.summary ?? 'Is anything wrong?',
    asked_at: written(window.end),
    window: range(window),
    ...(baseline === undefined ? {} : { baseline: range(baseline) }),
    ...(onset === undefined ? {} : { onset: written(onset) }),
    ...(alert === undefined ? {} : { alert: { service: alert.service, summary: alert.summary, severity: alert.severity, labels: { ...alert.labels, fired_at: written(alert.since!) } } }), // prettier-ignore
  }
}

function metricsOf({ observations }: Incident): string {
  const rows = observations.series.flatMap(({ service, instance = '', indicator, unit = '', times, values }) =>
    [...times].map((time, at) => [written(time), service, instance, indicator, unit, values[at]].join(',')),
  )
  return `${['timestamp,service,instance,indicator,unit,value', ...rows].join('\n')}\n`
}
