/** What a result could not rest on: questions that failed, answers that are not whole, and what was asked about and nobody knows. */
import type { Observations } from '../../analysis/observations.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { DiagnosisRequested } from '../../schemas/events.generated.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { headline } from '../runtime/tool-result.ts'
import { nearNames } from './near-names.ts'
import type { Scope, Surroundings } from './scope.ts'

const NAMED = 3

export const missingIn = (evidence: readonly Evidence[], leftOut: readonly string[]): Text[] => [
  ...once(evidence.filter(({ status }) => status === 'failed').map(couldNotAsk)),
  ...warnedIn(evidence),
  ...missingScope(leftOut),
]

/** A source that is away answers every question alike. */
const once = (texts: readonly Text[]): Text[] => [...new Map(texts.map((text) => [text.en, text])).values()]

const couldNotAsk = (evidence: Evidence): Text => ({
  en: `${evidence.tool} could not answer ${evidence.operation}: ${evidence.summary}`,
  zh: `${evidence.tool} 無法回答 ${evidence.operation}：${evidence.summary}`,
})

/** The same warning of many answers is said once, with some of them. */
function warnedIn(evidence: readonly Evidence[]): Text[] {
  const warned = evidence.flatMap(({ tool, summary, warnings }) =>
    warnings.map((warning) => ({ said: `${tool}: ${headline(warning)}`, summary })),
  )
  return [...Map.groupBy(warned, ({ said }) => said)].map(([said, answers]) => {
    const more = answers.length > NAMED ? ' …' : ''
    const summaries = answers.slice(0, NAMED).map(({ summary }) => summary)
    return { en: `${said} (${summaries.join('; ')}${more})`, zh: `${said}（${summaries.join('；')}${more}）` }
  })
}

const missingScope = (leftOut: readonly string[]): Text[] =>
  leftOut.length === 0
    ? []
    : [
        {
          en: `${leftOut.length} more distant services were not looked at: ${leftOut.slice(0, 5).join(', ')} …`,
          zh: `另有 ${leftOut.length} 個較遠的服務未查看：${leftOut.slice(0, 5).join('、')} …`,
        },
      ]

/** The ids of the request that led to nothing, whether nobody knows them or the source failed. */
export function unknownIn(request: DiagnosisRequested, known: Surroundings, oriented: readonly Evidence[]): Text[] {
  // they stand in the order they were asked
  const incidents = oriented.filter(({ operation }) => operation === 'incident')
  return [
    ...request.alert_ids.filter((id) => !known.alerts.some((alert) => alert.id === id)).map(unknown('alert', '警報')),
    ...request.incident_ids.filter((_id, index) => incidents[index]?.status !== 'ok').map(unknown('incident', '事件')),
    ...[request.deployment_id ?? []]
      .flat()
      .filter(() => known.deployment === null)
      .map(unknown('deployment', '部署')),
  ]
}

const unknown =
  (en: string, zh: string) =>
  (id: string): Text => ({ en: `nothing is known of ${en} ${id}`, zh: `查無${zh} ${id} 的資料` })

/** Services of which nobody says whom they call: a cause below them is not looked for along the calls. */
export function callsUnknown({ resources }: Surroundings): Text[] {
  const names = resources.filter(({ depends_on }) => depends_on === null).map(({ service_name }) => service_name)
  if (names.length === 0) return []
  const some = names.slice(0, NAMED)
  const more = names.length > NAMED ? ' …' : ''
  return [
    {
      en: `it is not known whom these services call: ${some.join(', ')}${more}`,
      zh: `不知道這些服務呼叫哪些服務：${some.join('、')}${more}`,
    },
  ]
}

/** A cause may lie there: that much is told of others' services, and neither their names nor anything of them. */
export function callsOutside({ resources }: Surroundings): Text[] {
  const callers = resources.filter(({ outside = 0 }) => outside > 0).map(({ service_name }) => service_name)
  if (callers.length === 0) return []
  const some = callers.slice(0, NAMED)
  const more = callers.length > NAMED ? ' …' : ''
  return [
    {
      en: `these services call others outside of this tenant, which were not looked at: ${some.join(', ')}${more}`,
      zh: `這些服務呼叫此租戶以外的服務，未加以查看：${some.join('、')}${more}`,
    },
  ]
}

/** What is asked about and nobody measured; of a name that nobody knows, which may have been meant. */
export const unmeasured = ({ named }: Scope, { series }: Observations, known: Surroundings): Text[] =>
  named
    .filter((service) => !series.some((one) => one.service === service))
    .map(
      (service) =>
        meantBy(service, known) ?? { en: `there are no metrics of ${service}`, zh: `沒有 ${service} 的指標` },
    )

/** null: it is known, or nobody tells which services there are. */
export function meantBy(service: string, { resources }: Surroundings): Text | null {
  const names = [...new Set(resources.flatMap(({ service_name, depends_on }) => [service_name, ...(depends_on ?? [])]))]
  if (names.length === 0 || names.includes(service)) return null
  const near = nearNames(service, names)
  return near.length === 0
    ? {
        en: `no service ${service} is known, among ${names.length} that are`,
        zh: `在已知的 ${names.length} 個服務中沒有 ${service}`,
      }
    : {
        en: `no service ${service} is known; did you mean ${near.join(', ')}?`,
        zh: `沒有 ${service} 這個服務；您是指 ${near.join('、')} 嗎？`,
      }
}

/** Neither numbers nor lines nor spans of any service that is asked about: quiet neighbours say nothing of it. */
export const isUntold = ({ named }: Scope, { series, logs, spans }: Observations): boolean =>
  ![series, logs, spans].some((seen) => seen.some(({ service }) => named.includes(service)))

/** What would have shown that something is wrong: of what was changed nobody needs to know for that. */
const WOULD_SHOW: ReadonlySet<string> = new Set(['golden-signals', 'logs', 'traces', 'resources', 'alerts'])

/** Tools that could not answer what would have shown it, or not whole. */
export const unaskedIn = (evidence: readonly Evidence[]): string[] => [
  ...new Set(
    evidence
      .filter(({ operation, status, incomplete }) => WOULD_SHOW.has(operation) && (status === 'failed' || incomplete))
      .map(({ tool, operation }) => `${tool} (${operation})`),
  ),
]

/** How sure, at most, where it was not looked everywhere. */
const UNSEEN = 0.3

/** What was not seen is not well: nobody is cleared by a source that did not answer. Of services that were not measured a blame knows less. */
export function asFarAsSeen(verdict: Verdict, evidence: readonly Evidence[]): Verdict {
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

/** What of a verdict stands where nothing is told of what is asked about: trouble around a service the call graph knows. */
export function reserved(verdict: Verdict, { named }: Scope, { resources }: Surroundings): Verdict {
  const called = new Set(resources.flatMap(({ service_name, depends_on }) => [service_name, ...(depends_on ?? [])]))
  const stands = verdict.verdict === 'incident' && named.some((service) => called.has(service))
  return stands ? verdict : { ...verdict, verdict: 'inconclusive' }
}
