/** Converts evidence to the input of the analysis. Every observation keeps the id of the answer it came from. */
import type { Alert, Change, Disturbed, LogLine, Objective, Observations, Series } from '../../analysis/observations.ts'
import { alertText, disturbedBy, incidentText, isOf } from '../../analysis/known-disturbances.ts'
import type { Text } from '../../analysis/verdict.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { isFiringAt } from '../tools/control-plane/parse.ts'
import type { AuditLogItem, FiringAlert, Incident, LogsAnswer, MetricsAnswer } from '../tools/tools.ts'
import type { Scope } from './scope.ts'

export interface Known {
  /** the alert the request names */
  alert: FiringAlert | null
  alerts: readonly FiringAlert[]
  /** resolved incidents, of any service */
  resolved: readonly Incident[]
  /** author of changes made by the executor */
  executor: string
  objectives: readonly Objective[]
}

export function observe(scope: Scope, evidence: readonly Evidence[], known: Known): Observations {
  const { alerts, objectives } = known
  const alert = known.alert ?? firstFiring(alerts, scope)
  const answered = evidence.filter((one) => one.status === 'ok')
  return {
    window: scope.window,
    ...(scope.baseline === null ? {} : { baseline: scope.baseline }),
    ...(scope.onset === null ? {} : { onset: scope.onset }),
    ...(scope.asked === null ? {} : { asked: scope.asked }),
    ...(alert === null ? {} : { alert: alertOf(alert, scope) }),
    firing: alerts.filter((one) => one !== alert && isFiring(one, scope)).map((one) => alertOf(one, scope)),
    disturbed: disturbedIn(known, scope),
    objectives,
    series: seriesIn(answered),
    logs: inOrder(answered.filter((one) => one.operation === 'logs').map(linesOf)),
    spans: [],
    edges: scope.edges,
    changes: answered.filter((one) => one.operation === 'audit-logs').flatMap((one) => changesOf(one, known.executor)),
  }
}

/** The first alert firing for the requested service, if the request names none: the disturbance began no later than it fired. */
const firstFiring = (alerts: readonly FiringAlert[], scope: Scope): FiringAlert | null =>
  alerts
    .filter((one) => one.service_name === scope.asked && isFiring(one, scope))
    .sort((a, b) => a.started_at - b.started_at)[0] ?? null

const isFiring = (alert: FiringAlert, { services, window }: Scope): boolean =>
  isFiringAt(window.end, alert) && services.includes(alert.service_name) && alert.started_at < window.end

/** Past incidents of the services in scope. An open one does not count: it may have lasted for weeks, and may be the one being diagnosed. */
function disturbedIn({ alerts, resolved }: Known, { services, window }: Scope): Disturbed[] {
  const over = (source: Text, { service_name, started_at, ended_at }: FiringAlert | Incident): Disturbed[] =>
    ended_at !== undefined && ended_at <= window.end && services.includes(service_name)
      ? [disturbedBy(source, service_name, started_at, ended_at)]
      : []
  return [
    ...resolved.flatMap((one) => over(incidentText(one.id), one)),
    ...alerts.flatMap((one) => over(alertText(one.name, one.service_name), one)),
  ]
}

function alertOf(alert: FiringAlert, { window }: Scope): Alert {
  const { service_name, summary, severity, started_at, labels } = alert
  return {
    service: service_name,
    summary,
    severity,
    since: started_at,
    labels,
    ...(isFiringAt(window.end, alert) ? {} : { resolved: true }),
  }
}

/** Of the golden signals that were answered, by service. */
export const seriesIn = (evidence: readonly Evidence[]): Series[] =>
  inOrder(evidence.filter((one) => one.operation === 'golden-signals' && one.status === 'ok').map(seriesOf))

const seriesOf = ({ id, data }: Evidence): Series[] =>
  samplesOf(data as MetricsAnswer).map((series) => ({ ...series, evidence: id }))

/** Sessions that share an answer hold the same object. */
const known = new WeakMap<MetricsAnswer, readonly Series[]>()

/** In shared memory: the thread that analyses them reads the same samples, instead of a copy for each session. The analysis changes none. */
function samplesOf(answer: MetricsAnswer): readonly Series[] {
  const before = known.get(answer)
  if (before !== undefined) return before
  const count = answer.series.reduce((sum, { times, values }) => sum + times.length + values.length, 0)
  const all = new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT))
  let used = 0
  const shared = (numbers: readonly number[]): Float64Array => {
    all.set(numbers, used)
    used += numbers.length
    return all.subarray(used - numbers.length, used)
  }
  const samples = answer.series.map((series) => ({ ...series, times: shared(series.times), values: shared(series.values) })) // prettier-ignore
  known.set(answer, samples)
  return samples
}

/** Sessions that share an answer hold the same object. */
const knownLines = new WeakMap<LogsAnswer, readonly LogLine[]>()

/** They cite the answer by its hash, if it has one, so that sessions share them: there may be tens of thousands. */
function linesOf({ id, hash, data }: Evidence): readonly LogLine[] {
  const answer = data as LogsAnswer
  const before = hash === undefined ? undefined : knownLines.get(answer)
  if (before !== undefined) return before
  const lines = answer.lines.map((line) => ({ ...line, evidence: hash ?? id }))
  if (hash !== undefined) knownLines.set(answer, lines)
  return lines
}

/** By service, whichever was asked about and so queried first: sessions with the same answers give the analysis the same input. */
const inOrder = <T extends { service: string }>(answers: readonly (readonly T[])[]): T[] =>
  answers.toSorted(([a], [b]) => compare(a?.service ?? '', b?.service ?? '')).flat()
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

const changesOf = ({ id, data }: Evidence, executor: string): Change[] =>
  (data as AuditLogItem[]).map((item) => ({
    id: item.id,
    timestamp: item.timestamp,
    type: item.event_type,
    service: item.service_name,
    ...(item.author === null ? {} : { author: item.author }),
    ...(isOf(executor, item.author) ? { byPlatform: true } : {}),
    summary: item.summary,
    detail: item.changes,
    evidence: id,
  }))
