/** Queries the tools about some services and a time range and prepares a recording: redacted, with a list of what could not be read. */
import type { CallEdge, TimeRange } from '../../../analysis/observations.ts'
import { callEdges, placeSpans } from '../../../analysis/traces/tree.ts'
import type { ChangeDocument, ControlPlaneDocument } from '../../../recording/documents.ts'
import { formatInstant } from '../../../recording/instant.ts'
import type { RecordingWriter, Sample } from '../../../recording/write.ts'
import { redactValue } from '../../runtime/redaction.ts'
import type { ToolResult } from '../../runtime/tool-result.ts'
import type { AuditLogItem, CallContext, FiringAlert, LogsAnswer, MetricSeries, MetricsAnswer, Resource, Tools, TracesAnswer } from '../tools.ts' // prettier-ignore

export interface Gathering {
  /** asked about first; if they are unknown and nothing has data on them, nothing else is asked; empty: all services */
  named: readonly string[]
  /** every service to record, `named` first, once the service list (null: unknown) and the calls seen in traces are there */
  choose(resources: readonly Resource[] | null, calls: readonly CallEdge[]): readonly string[]
  window: TimeRange
  /** undisturbed time before the window */
  baseline: TimeRange
}

export interface Gathered {
  counts: { series: number; samples: number; log_lines: number; spans: number; changes: number; alerts: number }
  resources: readonly Resource[] | null
  /** number of secrets replaced */
  redactions: number
  /** s before a sample that rates and quantiles were computed from; null: unknown, or not the same for all */
  rateWindowS: number | null
  missing: Missing[]
  /** writes everything except `close` */
  writeTo(writer: RecordingWriter): Promise<void>
}

/** A query that failed, or is incomplete, and why. */
export interface Missing {
  tool: string
  operation: string
  /** services, or empty */
  about: string
  /** a note (notes.ts), or a source's own words */
  why: string
}

/** As it is kept in a recording. */
export const missingText = ({ tool, operation, about, why }: Missing): string =>
  `${tool} ${operation}${about === '' ? '' : ` of ${about}`}: ${why}`

/** A change may precede its first symptom by this long. */
const CHANGES_BEFORE_MS = 60 * 60_000
const LOG_LINES = 5000

/** `onAnswer` gets each answer as it arrives. Services are queried one after the other, to spare the sources. */
export async function gather(
  tools: Tools,
  { named, choose, window, baseline }: Gathering,
  context: CallContext,
  onAnswer: (result: ToolResult<unknown>, about: string) => void,
): Promise<Gathered> {
  let redactions = 0
  const missing: Missing[] = []
  async function had<T>(asked: Promise<ToolResult<T>>, about: string): Promise<T | null> {
    const result = await asked
    const redacted = redactValue(result)
    redactions += redacted.redactions
    const { tool, operation, status, summary, warnings } = redacted.value
    onAnswer(redacted.value, about)
    for (const why of [...(status === 'ok' ? [] : [summary]), ...warnings])
      missing.push({ tool, operation, about, why })
    return redacted.value.data
  }

  const { metrics, logs, traces, controlPlane } = tools
  const since = { start: baseline.start - CHANGES_BEFORE_MS, end: window.end }
  const resources = await had(controlPlane.resources({ service: null }, context), '')
  const through = (services: readonly string[]) =>
    traces === undefined
      ? null
      : had(traces.traces({ services, range: window, baseline }, context), services.join(', '))
  const own = named.length === 0 ? null : await through(named)
  const services = choose(resources, own === null ? [] : callEdges(placeSpans(own.spans)))
  const changes = await had(controlPlane.auditLogs({ services, range: since }, context), services.join(', '))
  const alerts = await had(controlPlane.alerts({ range: since }, context), '')
  const measured: MetricsAnswer[] = []
  const logged: LogsAnswer[] = []
  const seen = new Set<string>()
  for (const service of services) {
    const answer = await had(metrics.goldenSignals({ service, range: window, baseline }, context), service)
    if (answer !== null) measured.push(answer)
    const lines = await had(logs.logs({ service, range: window, baseline, limit: LOG_LINES }, context), service)
    if (lines !== null) logged.push(lines)
    if (answer !== null || lines !== null) seen.add(service)
    if (service === named.at(-1) && seen.size === 0 && own === null && isUnknown(named, resources)) break
  }
  const traced = services.length > named.length && seen.size > 0 ? await through(services) : own
  return { redactions, missing, resources, ...kept({ measured, logged, traced, resources, changes, alerts }) }
}

/** There is a list of services, and it has none of them. */
export const isUnknown = (named: readonly string[], resources: readonly Resource[] | null): boolean =>
  resources !== null && resources.length > 0 && !resources.some(({ service_name }) => named.includes(service_name))

interface Had {
  measured: readonly MetricsAnswer[]
  logged: readonly LogsAnswer[]
  traced: TracesAnswer | null
  resources: Resource[] | null
  changes: AuditLogItem[] | null
  alerts: FiringAlert[] | null
}

function kept({
  measured,
  logged,
  traced,
  resources,
  changes,
  alerts,
}: Had): Pick<Gathered, 'counts' | 'rateWindowS' | 'writeTo'> {
  const series = measured.flatMap((one) => one.series)
  const lines = logged.flatMap((one) => one.lines)
  const spans = traced?.spans ?? []
  const edges = resources === null ? [] : edgesOf(resources)
  return {
    rateWindowS: rateWindowOf(measured),
    counts: {
      series: series.length,
      samples: series.reduce((sum, { times }) => sum + times.length, 0),
      log_lines: lines.length,
      spans: spans.length,
      changes: changes?.length ?? 0,
      alerts: alerts?.length ?? 0,
    },
    async writeTo(writer) {
      for (const one of series) await writer.samples(samplesOf(one))
      await writer.logs(lines)
      await writer.spans(spans)
      // an absent file means unknown, an empty one means none
      if (changes !== null) await writer.changes(changes.map(changeOf))
      if (alerts !== null) await writer.alerts(alerts.map(alertOf))
      if (edges.length > 0) await writer.graph(edges)
    },
  }
}

function rateWindowOf(measured: readonly MetricsAnswer[]): number | null {
  const [first, ...others] = new Set(measured.map(({ rate_window_ms }) => rate_window_ms))
  return first === undefined || others.length > 0 ? null : first / 1000
}

const samplesOf = ({ times, values, ...of }: MetricSeries): Sample[] =>
  times.map((time, at) => ({ ...of, time, value: values[at] ?? Number.NaN }))

const edgesOf = (resources: readonly Resource[]): CallEdge[] =>
  resources.flatMap(({ service_name: from, depends_on }) => (depends_on ?? []).map((to) => ({ from, to })))

const changeOf = ({ timestamp, ...change }: AuditLogItem): ChangeDocument => ({ ...change, timestamp: formatInstant(timestamp) }) // prettier-ignore

const alertOf = ({ started_at, ...alert }: FiringAlert): ControlPlaneDocument => {
  const ended = 'ended_at' in alert && typeof alert.ended_at === 'number' ? { ended_at: formatInstant(alert.ended_at) } : {} // prettier-ignore
  return { ...alert, started_at: formatInstant(started_at), ...ended }
}
