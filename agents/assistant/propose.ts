/** From a verdict to exact actions of the catalogue, each bound to the target state it was proposed for. */
import type { Catalogue, CatalogueAction, Remediable } from '../../actions/catalogue.ts'
import type { Observations } from '../../analysis/observations.ts'
import { imageTag } from '../../analysis/release.ts'
import type { Text, Verdict } from '../../analysis/verdict.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { AuditLogItem, Resource } from '../tools/tools.ts'
import { boundTo, type Objection, type Proposal, proposalOf, unknownReplicas } from './exact-action.ts'
import { type Remedy, remedyFor } from './remedies.ts'
import { suspectReleases } from './suspect-releases.ts'

export interface Proposing {
  catalogue: Catalogue
  verdict: Verdict
  observations: Observations
  audit: readonly AuditLogItem[]
  /** the state of the first cause, read last; null: not asked */
  target: Evidence | null
  namespace: string | null
  /** name of the tool that returned this evidence */
  toolOf?(evidence: string): string | undefined
}

/** Below this confidence nothing is proposed: a person reads the diagnosis first. */
const MIN_CONFIDENCE = 0.3
/** largest traffic growth that one scaling is sized for, as a multiple; any further need shows afterwards */
const MOST_GROWTH = 3

/** `why`: what rules out a possible action; null: there was nothing to remedy. */
export type Proposed = { proposal: Proposal } | { proposal: null; why: Text | null }

/** The first action of the catalogue that fits the first cause, if the evidence supports it and the target's state is known. */
export function propose(from: Proposing): Proposed {
  const { catalogue, verdict, observations, audit, target, namespace, toolOf = () => undefined } = from
  const remedy = remedyFor(verdict, observations, audit)
  if (remedy === null) return unremedied(verdict, audit)
  const { service, explanation, evidence } = remedy.cause
  if (verdict.confidence < MIN_CONFIDENCE) return against('confidence in the cause is too low', '根因的信心分數不足')
  const entry = [...catalogue.values()].find(({ fits }) => fits.includes(remedy.kind))
  if (entry === undefined) return against(`the catalogue has no action for ${inWords[remedy.kind].en}`, `動作目錄中沒有適用於${inWords[remedy.kind].zh}的動作`) // prettier-ignore
  const bound = boundTo(entry, { service, namespace: null, state: target })
  if ('against' in bound) return notProposed(bound.against)
  const values = valuesFor(remedy, bound.running, entry)
  if ('why' in values) return values
  const { grounds, since } = remedy
  const reason = {
    en: [explanation.en.replace(/\.$/, ''), ...(grounds === null ? [] : [grounds.en])].join('. '),
    'zh-TW': [explanation.zh.replace(/。$/, ''), ...(grounds === null ? [] : [grounds.zh])].join('。'),
  }
  const wanted = { entry, bound, namespace, parameters: values.given, reason, since }
  const exact = proposalOf(
    { ...wanted, evidence: target === null ? evidence : [...evidence, target.id] },
    { catalogue, observations, toolOf },
  )
  return 'against' in exact ? notProposed(exact.against) : exact
}

/** A suspect release is not rolled back on suspicion: it is said why not. */
function unremedied(verdict: Verdict, audit: readonly AuditLogItem[]): Proposed {
  const [cause] = verdict.rootCauses
  const isSuspect = verdict.verdict === 'incident' && cause !== undefined && suspectReleases(cause, verdict, audit).length > 0 // prettier-ignore
  if (!isSuspect) return { proposal: null, why: null }
  const { service } = cause
  return against(
    `no release of ${service} is more likely than not to be the cause`,
    `${service} 沒有任何版本造成異常的機率過半`,
  )
}

/** The parameters that the evidence gives. */
function valuesFor(
  { kind, cause, releases = [], factor = 1 }: Remedy,
  running: Resource,
  { parameters }: CatalogueAction,
): { given: Record<string, string> } | (Proposed & { why: Text | null }) {
  const { service } = cause
  const given = (values: Record<string, string>) => ({
    given: Object.fromEntries(Object.entries(values).filter(([name]) => parameters.has(name))),
  })
  if (kind === 'bad_release') {
    const before = imageTag(releases[0]?.changes?.before)
    if (before === null) return against(`the previous release of ${service} is unknown`, `不知道 ${service} 先前的版本`)
    const after = imageTag(releases.at(-1)?.changes?.after)
    if (after !== null && running.image_tag !== after)
      return against(`${service} now runs ${running.image_tag}, not ${after}`, `${service} 目前執行 ${running.image_tag}，而非 ${after}`) // prettier-ignore
    if (running.image_tag === before)
      return against(`${service} already runs ${before}, the release before the suspect ones`, `${service} 已在執行可疑版本之前的 ${before}`) // prettier-ignore
    return given({ image_tag: before })
  }
  if (kind !== 'traffic') return given({})
  const { replicas } = running
  if (replicas === null) return notProposed(unknownReplicas(running).against)
  const bounds = parameters.get('replicas')
  const most = bounds !== undefined && 'max' in bounds && bounds.max !== null ? bounds.max : Infinity
  const wanted = Math.min(most, Math.ceil(replicas * Math.min(factor, MOST_GROWTH)))
  if (wanted <= replicas)
    return against(`${service} already has ${replicas} replicas, the most the catalogue allows`, `${service} 已有 ${replicas} 個副本，達動作目錄的上限`) // prettier-ignore
  return given({ replicas: String(wanted) })
}

const inWords: Record<Remediable, Text> = {
  bad_release: { en: 'a bad release', zh: '有問題的版本' },
  memory_growth: { en: 'growing memory', zh: '記憶體持續成長' },
  dead_process: { en: 'a process that no longer answers', zh: '沒有回應的程序' },
  traffic: { en: 'more traffic', zh: '流量增加' },
}

function against(en: string, zh: string): { proposal: null; why: Text } {
  return { proposal: null, why: { en: `No action is proposed: ${en}.`, zh: `未提出動作：${zh}。` } }
}

const notProposed = ({ text }: Objection) => against(text.en, text.zh)
