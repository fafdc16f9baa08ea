/** Compares one window with its baseline: what changed, the most likely cause, and the confidence. */
import { mayBeChance } from './brief.ts'
import { endedIn } from './ended.ts'
import { largest } from './extremes.ts'
import { withService } from './ranking/changes.ts'
import { LIKELY, weigh, type Weighed } from './ranking/change-shares.ts'
import { confidenceOf, type Signs, signsOf } from './ranking/confidence.ts'
import { createCitations, evidenceOf, findingsOf, unremarkable } from './findings.ts'
import { INCIDENT_SCORE, investigate, type Investigation, servicesOf } from './investigate.ts'
import { leftOutTexts } from './known-disturbances.ts'
import { lengthOf } from './metrics/disturbed.ts'
import { isOutside } from './metrics/onset.ts'
import { pathsIn } from './ranking/graph.ts'
import { beganOf } from './ranking/lasting.ts'
import { nextQueryOf } from './ranking/next-query.ts'
import type { Observations } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { outsideOf } from './ranking/outside.ts'
import { isSeparate } from './ranking/separate.ts'
import { ruledOutBeside, suspectedAmong } from './suspected-changes.ts'
import { causeText } from './text.ts'
import type { NextQuery, Text, Verdict } from './verdict.ts'

const NOTHING_SCORE = 1.4
/** With an alert, thresholds drop to this share: someone already noticed a problem. */
const ALERTED = 0.4

export interface Conclusion {
  verdict: Verdict
  /** inputs of the confidence; null when nothing could be compared */
  signs: Signs | null
  /** inputs of the probability of each change; absent: no cause was looked for */
  weighed?: readonly Weighed[]
}

export const concludeOne = (given: Observations): Conclusion => concludeEnded(given) ?? compared(given)

/** For a short history with a known incident that is over: diagnoses the incident and the time since separately. null: no such incident. */
function concludeEnded(asked: Observations): Conclusion | null {
  const parts = endedIn(asked)
  if (parts === null) return null
  const { verdict, ...inputs } = compared(parts.before)
  if (verdict.verdict !== 'incident') return null
  const since = compared(parts.since(verdict.onset))
  const over = parts.over(verdict)
  if (parts.isAsked && since.verdict.verdict !== 'incident')
    return { ...inputs, verdict: { ...over, missing: [parts.missing, ...over.missing] } }
  const earlier = parts.isAsked ? [parts.toldAs(over)] : []
  return { ...since, verdict: { ...since.verdict, earlier, missing: [parts.missing, ...since.verdict.missing] } }
}

/** Compares with the whole baseline, without treating known incidents that ended separately. */
export function compared(given: Observations): Conclusion {
  const seen = servicesOf(given)
  const known = new Set(seen)
  const observations = { ...given, changes: given.changes.map((change) => withService(change, known)) }
  const absent = missingIn(observations, seen.length)
  const found = investigate(observations)
  if (found === null) return { verdict: undecided(observations, seen, [...absent, NO_WINDOW]), signs: null }
  const uncertain = found.isChanceUnknown ? [...absent, CHANCE_UNKNOWN] : absent
  const missing = [...uncertain, ...leftOutTexts(found.disturbed.ranges, observations)]
  const alerted = observations.alert === undefined ? 1 : ALERTED
  const top = found.suspects[0]
  const most = largest(
    found.suspects.map(({ own }) => own),
    0,
  )
  if (top === undefined || (most < NOTHING_SCORE * alerted && !found.isFelt)) {
    const services = found.suspects.map(({ service }) => service)
    if (!found.isCompared)
      return { verdict: undecided(observations, services, [...missing, ...uncompared(observations)]), signs: null }
    if (found.disturbed.isMost)
      return { verdict: undecided(observations, services, [...missing, NO_CALM]), signs: null }
    const signs = signsOf(found, NOTHING_SCORE * alerted, false)
    return {
      verdict: quiet(observations, found, missing, calmShare(found, observations) * confidenceOf(signs)),
      signs,
    }
  }
  const signs = signsOf(found, NOTHING_SCORE * alerted, true)
  const isSure = most >= INCIDENT_SCORE * alerted
  const chance = isSure ? mayBeChance(observations, found) : null
  const told = chance === null ? missing : [...missing, chance]
  const confidence = confidenceOf(signs)
  const weighed = weigh(found.changes, found.suspects, confidence)
  return {
    verdict: blame(observations, found, top, { isSure: isSure && chance === null, missing: told, confidence, weighed }), // prettier-ignore
    signs,
    weighed,
  }
}

/** The share of the baseline that was not itself an incident: a baseline with outages hides changes that are no worse than they were. */
function calmShare({ disturbed: { ranges } }: Investigation, { baseline, window }: Observations): number {
  const before = baseline ?? window
  return 1 - lengthOf(ranges) / (before.end - before.start)
}

interface Blame {
  isSure: boolean
  missing: readonly Text[]
  confidence: number
  weighed: readonly Weighed[]
}

function blame(
  observations: Observations,
  { suspects, onset, during, changes, otherwise, known, edges }: Investigation,
  top: Suspect,
  { isSure, missing, confidence, weighed }: Blame,
): Verdict {
  const cite = createCitations(during)
  const suspected = suspectedAmong(weighed, cite)
  const likely = suspected?.suspects.find(({ probability }) => probability > LIKELY)?.changeId
  const named = (suspect: Suspect): Suspect => ({
    ...suspect,
    change: changes.find(({ change }) => change.id === likely && change.service === suspect.service)?.change ?? null,
  })
  const nextQuery = nextQueryOf(observations, suspects)
  const isOnPath = pathsIn(edges)
  const services = new Set(suspects.map(({ service }) => service))
  return {
    verdict: isSure ? 'incident' : 'inconclusive',
    onset,
    phase: top.phase,
    asOf: observations.window.end,
    earlier: [],
    standing: [],
    confidence,
    rootCauses: suspects.map(named).map((suspect, index) => ({
      rank: index + 1,
      service: suspect.service,
      indicator: suspect.deviations[0]?.series.indicator ?? null,
      changeId: suspect.change?.id ?? null,
      score: top.score > 0 ? suspect.score / top.score : 0,
      explanation: causeText(suspect, outsideOf(suspect, services)),
      since: notAfter(suspect.until, beganOf(suspect.deviations, known, during)),
      until: suspect.until,
      phase: suspect.phase,
      isSeparate: index > 0 && isSeparate(suspect, top, edges, isOnPath),
      evidence: evidenceOf(suspect, cite),
    })),
    findings: findingsOf(suspects, otherwise, onset, cite),
    evidence: cite.all(),
    missing: nextQuery === null ? missing : [...missing.filter((one) => one !== WHOLE[nextQuery.source]), nextQuery.text], // prettier-ignore
    nextQuery,
    ruledOut: ruledOutBeside(suspected, changes, top),
    suspectedChanges: suspected,
  }
}

/** The start is estimated from several series, the end is read from one. If the start comes out later than the end, it is unknown. */
const notAfter = (until: number | null, since: number | null): number | null =>
  since !== null && until !== null && since > until ? null : since

/** Data gaps. Traces and a call graph only distinguish services, so a single service does not need them. */
function missingIn({ series, logs, spans, edges, changes, onset, window }: Observations, services: number): Text[] {
  return [
    ...(series.length === 0 ? [{ en: 'no metrics', zh: '沒有指標' }] : []),
    ...(logs.length === 0 ? [{ en: 'no logs', zh: '沒有日誌' }] : []),
    ...(services > 1 && spans.length === 0 ? [NO_TRACES] : []),
    ...(services > 1 && spans.length === 0 && edges.length === 0 ? [{ en: 'no call graph', zh: '沒有呼叫關係圖' }] : []), // prettier-ignore
    ...(changes.length === 0 ? [NO_CHANGES] : []),
    ...(onset !== undefined && isOutside(onset, window) ? [ONSET_OUTSIDE] : []),
  ]
}

const NO_TRACES = { en: 'no traces', zh: '沒有追蹤' }
const NO_CHANGES = { en: 'no known changes', zh: '沒有已知的變更' }
/** By source: the gap that is left out if the next query already states it, more precisely. */
const WHOLE: Partial<Record<NextQuery['source'], Text>> = { traces: NO_TRACES, changes: NO_CHANGES }

const ONSET_OUTSIDE = {
  en: 'the given onset is outside the window and was ignored',
  zh: '指定的異常起始時間不在查詢時段內，已忽略',
}

const NO_WINDOW = { en: 'the window is empty', zh: '查詢時段是空的' }
const NO_CALM = {
  en: 'most of the baseline was disturbed too, so there is no normal level to compare with',
  zh: '基準時段大多也有異常，沒有正常水準可供比較',
}
const CHANCE_UNKNOWN = {
  en: 'too few logs or traces in the baseline to tell these changes from noise',
  zh: '基準時段的日誌或追蹤太少，無法區分這些變化與平常的波動',
}
const NOT_COMPARED = {
  en: 'no signal has data both in the window and in the baseline, so nothing could be compared',
  zh: '沒有任何資料同時涵蓋查詢時段與基準時段，無法比較',
}

/** With no data at all, `missing` already says so. */
const uncompared = ({ series, logs, spans }: Observations): Text[] =>
  series.some(({ times }) => times.length > 0) || logs.length > 0 || spans.length > 0 ? [NOT_COMPARED] : []

/** Compared, and nothing moved beyond noise. The largest move is shown so that a person can judge. */
function quiet(
  observations: Observations,
  { suspects, onset, during }: Investigation,
  missing: readonly Text[],
  confidence: number,
): Verdict {
  const unusual = (service: string): Text => ({ en: `${service} showed nothing unusual.`, zh: `${service} 沒有異常。` })
  const reason = { en: 'nothing moved', zh: '沒有任何變化' }
  const services = suspects.map(({ service }) => service)
  const cite = createCitations(during)
  const [furthest] = suspects.flatMap(({ deviations }) => deviations).sort((a, b) => b.z - a.z)
  return {
    ...blameless('nothing_wrong', observations, services, { missing, unusual, reason }),
    compared: observations.window,
    confidence,
    findings: furthest === undefined ? [] : [unremarkable(furthest, onset, cite)],
    evidence: cite.all(),
  }
}

/** Nothing could be compared: not an all-clear. */
function undecided(observations: Observations, services: readonly string[], missing: readonly Text[]): Verdict {
  const unusual = (service: string): Text => ({
    en: `${service} could not be compared with a baseline.`,
    zh: `${service} 無法與基準時段比較。`,
  })
  const reason = { en: 'nothing could be compared', zh: '沒有可比較的資料' }
  return blameless('inconclusive', observations, services, { missing, unusual, reason })
}

interface Said {
  missing: readonly Text[]
  /** explanation for a service */
  unusual: (service: string) => Text
  /** why a change is ruled out */
  reason: Text
}

function blameless(
  verdict: Verdict['verdict'],
  { changes, window }: Observations,
  services: readonly string[],
  { missing, unusual, reason }: Said,
): Verdict {
  return {
    verdict,
    onset: null,
    phase: null,
    asOf: window.end,
    earlier: [],
    standing: [],
    confidence: 0,
    rootCauses: services.map((service, index) => ({
      rank: index + 1,
      service,
      indicator: null,
      changeId: null,
      score: 0,
      explanation: unusual(service),
      ...{ since: null, until: null, phase: null, isSeparate: false },
      evidence: [],
    })),
    findings: [],
    evidence: [],
    missing,
    nextQuery: null,
    ruledOut: changes.map(({ id }) => ({ changeId: id, reason })),
    suspectedChanges: null,
  }
}
