/** Data gaps of a result: failed queries, incomplete answers, and unknown names. */
import type { Observations } from '../../analysis/observations.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { headline } from '../runtime/tool-result.ts'
import { inChinese } from '../tools/notes.ts'
import { nearNames } from './near-names.ts'
import type { Refusal } from './result.ts'
import type { Scope, Surroundings } from './scope.ts'

const NAMED = 3
/** Up to this many known services are listed by name. */
const FEW = 8

export const missingIn = (evidence: readonly Evidence[], leftOut: readonly string[]): Text[] => [
  ...once(evidence.filter(({ status }) => status === 'failed').map(couldNotAsk)),
  ...warnedIn(evidence),
  ...missingScope(leftOut),
]

/** An unreachable source fails every query with the same text. */
const once = (texts: readonly Text[]): Text[] => [...new Map(texts.map((text) => [text.en, text])).values()]

const couldNotAsk = (evidence: Evidence): Text => ({
  en: `${evidence.tool} could not answer ${evidence.operation}: ${evidence.summary}`,
  zh: `${evidence.tool} 無法回答 ${evidence.operation}：${inChinese(evidence.summary)}`,
})

/** A warning shared by many answers is reported once, with a few examples. */
export function warnedIn(evidence: readonly Evidence[]): Text[] {
  const warned = evidence.flatMap(({ tool, summary, warnings }) =>
    warnings.map((warning) => ({ tool, warning: headline(warning), summary })),
  )
  return [...Map.groupBy(warned, ({ tool, warning }) => `${tool}: ${warning}`)].map(([said, answers]) => {
    const [{ tool, warning }] = answers as [(typeof answers)[number]]
    const more = answers.length > NAMED ? ' …' : ''
    const summaries = answers.slice(0, NAMED).map(({ summary }) => summary)
    return {
      en: `${said} (${summaries.join('; ')}${more})`,
      zh: `${tool}：${inChinese(warning)}（${summaries.map(inChinese).join('；')}${more}）`,
    }
  })
}

const missingScope = (leftOut: readonly string[]): Text[] =>
  leftOut.length === 0
    ? []
    : [
        {
          en: `${leftOut.length} more distant services were not checked: ${leftOut.slice(0, 5).join(', ')} …`,
          zh: `另有 ${leftOut.length} 個較遠的服務未檢查：${leftOut.slice(0, 5).join('、')} …`,
        },
      ]

/** Ids of the request that could not be resolved: unknown, or the source failed. */
export function unknownIn(request: DiagnosisRequested, known: Surroundings, oriented: readonly Evidence[]): Text[] {
  // in the order they were queried
  const incidents = oriented.filter(({ operation }) => operation === 'incident')
  return [
    ...request.alert_ids.filter((id) => !known.alerts.some((alert) => alert.id === id)).map(unknown('alert', '告警')),
    ...request.incident_ids.filter((_id, index) => incidents[index]?.status !== 'ok').map(unknown('incident', '事故')),
    ...[request.deployment_id ?? []]
      .flat()
      .filter(() => known.deployment === null)
      .map(unknown('deployment', '部署')),
  ]
}

const unknown =
  (en: string, zh: string) =>
  (id: string): Text => ({ en: `no ${en} ${id} found`, zh: `查無${zh} ${id}` })

/** Services with unknown dependencies: causes downstream of them cannot be traced through the call graph. */
export function callsUnknown({ resources }: Surroundings): Text[] {
  const names = resources.filter(({ depends_on }) => depends_on === null).map(({ service_name }) => service_name)
  if (names.length === 0) return []
  const some = names.slice(0, NAMED)
  const more = names.length > NAMED ? ' …' : ''
  return [
    {
      en: `unknown dependencies, so no search downstream of: ${some.join(', ')}${more}`,
      zh: `下列服務的相依關係未知，無法向下游追查：${some.join('、')}${more}`,
    },
  ]
}

/** A cause may lie outside the tenant: the result says so, but never names another tenant's services. */
export function callsOutside({ resources }: Surroundings): Text[] {
  const callers = resources.filter(({ outside = 0 }) => outside > 0).map(({ service_name }) => service_name)
  if (callers.length === 0) return []
  const some = callers.slice(0, NAMED)
  const more = callers.length > NAMED ? ' …' : ''
  return [
    {
      en: `these services call others outside this tenant, which were not checked: ${some.join(', ')}${more}`,
      zh: `下列服務呼叫了此租戶以外的服務，該部分未檢查：${some.join('、')}${more}`,
    },
  ]
}

/** Requested services without metrics; for an unknown name, with suggestions. */
export const unmeasured = ({ named }: Scope, { series }: Observations, known: Surroundings): Text[] =>
  named
    .filter((service) => !series.some((one) => one.service === service))
    .map((service) => meantBy(service, known) ?? { en: `no metrics for ${service}`, zh: `沒有 ${service} 的指標` })

/** null: the service is known, or there is no list of services. */
export function meantBy(service: string, { resources }: Surroundings): Text | null {
  const names = [...new Set(resources.flatMap(({ service_name, depends_on }) => [service_name, ...(depends_on ?? [])]))]
  if (names.length === 0 || names.includes(service)) return null
  const near = nearNames(service, names)
  const [listed, zhListed] = names.length > FEW ? ['', ''] : [`: ${names.join(', ')}`, `（${names.join('、')}）`]
  return near.length === 0
    ? {
        en: `unknown service ${service} (${names.length} services are known${listed})`,
        zh: `在已知的 ${names.length} 個服務${zhListed}中沒有 ${service}`,
      }
    : {
        en: `unknown service ${service}; did you mean ${near.join(', ')}?`,
        zh: `沒有 ${service} 這個服務；您是指 ${near.join('、')} 嗎？`,
      }
}

/**
 * Every name in the request is unknown and no source has data on it; data on other services would prove nothing. Null: a name is known, or the request names
 * alerts, incidents or a deployment.
 */
export function unknownServices(request: DiagnosisRequested, { named }: Scope, known: Surroundings): Refusal | null {
  if (request.alert_ids.length + request.incident_ids.length > 0 || request.deployment_id !== null) return null
  const texts = named.map((service) => meantBy(service, known))
  if (texts.length === 0 || texts.includes(null)) return null
  const found = texts.filter((text) => text !== null)
  const text = { en: found.map(({ en }) => en).join('; '), zh: found.map(({ zh }) => zh).join('；') }
  return { code: 'unknown_service', about: named.join(', '), text }
}

/** No metrics, logs or spans of any requested service: healthy neighbours prove nothing about it. */
export const isUntold = ({ named }: Scope, { series, logs, spans }: Observations): boolean =>
  ![series, logs, spans].some((seen) => seen.some(({ service }) => named.includes(service)))

type Answered = Pick<Evidence, 'tool' | 'operation' | 'status' | 'incomplete'>

/** Operations that would have shown a fault; changes are not needed for that. */
const WOULD_SHOW: ReadonlySet<string> = new Set(['golden-signals', 'logs', 'traces', 'resources', 'alerts'])

/** Tools that could have shown a fault but failed or answered only in part. */
export const unaskedIn = (evidence: readonly Answered[]): string[] => [
  ...new Set(
    evidence
      .filter(({ operation, status, incomplete }) => WOULD_SHOW.has(operation) && (status === 'failed' || incomplete))
      .map(({ tool, operation }) => `${tool} (${operation})`),
  ),
]

/** Confidence cap when not every source answered. */
const UNSEEN = 0.3

/** No all-clear while a source is missing. A root cause loses confidence with each service that could not be measured. */
export function asFarAsSeen(verdict: Verdict, evidence: readonly Answered[]): Verdict {
  if (unaskedIn(evidence).length === 0) return verdict
  if (verdict.verdict === 'nothing_wrong')
    return { ...verdict, verdict: 'inconclusive', confidence: Math.min(UNSEEN, verdict.confidence) }
  const measured = evidence.filter(({ operation }) => operation === 'golden-signals')
  const answered = measured.filter(({ status }) => status !== 'failed')
  return {
    ...verdict,
    confidence: verdict.confidence * (measured.length === 0 ? 1 : answered.length / measured.length),
  }
}

/** Without data on the requested services, an `incident` verdict requires one of them to be in the call graph. */
export function reserved(verdict: Verdict, { named }: Scope, { resources }: Surroundings): Verdict {
  const called = new Set(resources.flatMap(({ service_name, depends_on }) => [service_name, ...(depends_on ?? [])]))
  const stands = verdict.verdict === 'incident' && named.some((service) => called.has(service))
  return stands ? verdict : { ...verdict, verdict: 'inconclusive' }
}
