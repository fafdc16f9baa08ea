/** One window against the time before it: what moved, whose doing it is, and how sure that is. */
import { mayBeChance } from './brief.ts'
import { endedIn } from './ended.ts'
import { largest } from './extremes.ts'
import { type JudgedChange, withService } from './ranking/changes.ts'
import { type Signs, signsOf, toldConfidence } from './ranking/confidence.ts'
import { createCitations, evidenceOf, findingsOf, unremarkable } from './findings.ts'
import { INCIDENT_SCORE, investigate, type Investigation, servicesOf } from './investigate.ts'
import { lengthOf } from './metrics/disturbed.ts'
import { isOutside } from './metrics/onset.ts'
import { pathsIn } from './ranking/graph.ts'
import { beganOf } from './ranking/lasting.ts'
import { nextQueryOf } from './ranking/next-query.ts'
import type { Observations } from './observations.ts'
import type { Suspect } from './ranking/services.ts'
import { outsideOf } from './ranking/outside.ts'
import { isSeparate } from './ranking/separate.ts'
import { causeText } from './text.ts'
import type { RuledOut, Text, Verdict } from './verdict.ts'

const NOTHING_SCORE = 1.4
/** Somebody was alerted: less is needed to believe it. */
const ALERTED = 0.4

export interface Conclusion {
  verdict: Verdict
  /** what the confidence rests on; null where nothing could be compared */
  signs: Signs | null
}

export const concludeOne = (given: Observations): Conclusion => concludeEnded(given) ?? compared(given)

/** A short history of an incident that somebody was alerted of and that ended: it stands apart from what came since. null: there is none. */
function concludeEnded(asked: Observations): Conclusion | null {
  const parts = endedIn(asked)
  if (parts === null) return null
  const { signs, verdict } = compared(parts.before)
  if (verdict.verdict !== 'incident') return null
  const since = compared(parts.since(verdict.onset))
  const over = parts.over(verdict)
  if (parts.isAsked && since.verdict.verdict !== 'incident')
    return { signs, verdict: { ...over, missing: [parts.missing, ...over.missing] } }
  const earlier = parts.isAsked ? [parts.toldAs(over)] : []
  return { ...since, verdict: { ...since.verdict, earlier, missing: [parts.missing, ...since.verdict.missing] } }
}

function compared(given: Observations): Conclusion {
  const seen = servicesOf(given)
  const known = new Set(seen)
  const observations = { ...given, changes: given.changes.map((change) => withService(change, known)) }
  const absent = missingIn(observations, seen.length)
  const found = investigate(observations)
  if (found === null) return { verdict: undecided(observations, seen, [...absent, NO_WINDOW]), signs: null }
  const missing = found.isChanceUnknown ? [...absent, CHANCE_UNKNOWN] : absent
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
      verdict: quiet(observations, found, missing, calmShare(found, observations) * toldConfidence(signs)),
      signs,
    }
  }
  const signs = signsOf(found, NOTHING_SCORE * alerted, true)
  const isSure = most >= INCIDENT_SCORE * alerted
  const chance = isSure ? mayBeChance(observations, found) : null
  const told = chance === null ? missing : [...missing, chance]
  return {
    verdict: blame(observations, found, top, { isSure: isSure && chance === null, missing: told, confidence: toldConfidence(signs) }), // prettier-ignore
    signs,
  }
}

/** Of the time before, what was no incident itself: the rest may hide what is no worse. */
function calmShare({ disturbed: { ranges } }: Investigation, { baseline, window }: Observations): number {
  const before = baseline ?? window
  return 1 - lengthOf(ranges) / (before.end - before.start)
}

function blame(
  observations: Observations,
  { suspects, onset, during, changes, otherwise, known, edges }: Investigation,
  top: Suspect,
  { isSure, missing, confidence }: { isSure: boolean; missing: readonly Text[]; confidence: number },
): Verdict {
  const cite = createCitations(during)
  const nextQuery = nextQueryOf(observations, suspects)
  const isOnPath = pathsIn(edges)
  const services = new Set(suspects.map(({ service }) => service))
  return {
    verdict: isSure ? 'incident' : 'inconclusive',
    onset,
    phase: top.phase,
    earlier: [],
    standing: [],
    confidence,
    rootCauses: suspects.map((suspect, index) => ({
      rank: index + 1,
      service: suspect.service,
      indicator: suspect.deviations[0]?.series.indicator ?? null,
      changeId: suspect.change?.id ?? null,
      score: top.score > 0 ? suspect.score / top.score : 0,
      explanation: causeText(suspect, outsideOf(suspect, services)),
      since: beganOf(suspect.deviations, known, during),
      until: suspect.until,
      phase: suspect.phase,
      isSeparate: index > 0 && isSeparate(suspect, top, edges, isOnPath),
      evidence: evidenceOf(suspect, cite),
    })),
    findings: findingsOf(suspects, otherwise, onset, cite),
    evidence: cite.all(),
    missing: [...missing, ...(nextQuery === null ? [] : [nextQuery.text])],
    nextQuery,
    ruledOut: changes.filter(({ change }) => change.id !== top.change?.id).map((one) => ruledOut(one, top)),
  }
}

const ruledOut = ({ change: { id, service }, against }: JudgedChange, top: Suspect): RuledOut => ({
  changeId: id,
  ...(service === '' ? {} : { service }),
  reason: against ?? (service === top.service ? OTHER_CHANGE : OTHER_SERVICE),
})

const OTHER_CHANGE = {
  en: 'another change of the same service is at least as near to the onset',
  zh: '同一服務另有同樣接近或更接近異常開始的變更',
}
const OTHER_SERVICE = { en: 'another service explains more of what was seen', zh: '另一個服務更能解釋所見' }

/** Of one service alone, traces and calls tell nobody apart. */
function missingIn({ series, logs, spans, edges, changes, onset, window }: Observations, services: number): Text[] {
  return [
    ...(series.length === 0 ? [{ en: 'there are no metrics', zh: '沒有指標' }] : []),
    ...(logs.length === 0 ? [{ en: 'there are no log lines', zh: '沒有日誌' }] : []),
    ...(services > 1 && spans.length === 0 ? [{ en: 'there are no traces', zh: '沒有追蹤' }] : []),
    ...(services > 1 && spans.length === 0 && edges.length === 0 ? [{ en: 'there is no graph of calls', zh: '沒有呼叫關係圖' }] : []), // prettier-ignore
    ...(changes.length === 0 ? [{ en: 'no changes are known', zh: '沒有已知的變更' }] : []),
    ...(onset !== undefined && isOutside(onset, window) ? [ONSET_OUTSIDE] : []),
  ]
}

const ONSET_OUTSIDE = {
  en: 'the onset that was given lies outside of the window and was left aside',
  zh: '所給的異常開始時間不在查詢的時間範圍內，未採用',
}

const NO_WINDOW = { en: 'the window has no length', zh: '查詢的時間範圍長度為零' }
const NO_CALM = {
  en: 'most of the time before was disturbed as well, so that nothing tells what is normal',
  zh: '先前大部分時間同樣異常，無法得知正常的水準',
}
const CHANCE_UNKNOWN = {
  en: 'too little was logged or traced before to tell what these show by chance',
  zh: '先前的日誌或追蹤太少，無法得知它們平常的波動',
}
const NOT_COMPARED = {
  en: 'nothing was told both in the window and before it, so that nothing could be compared',
  zh: '沒有任何資料同時涵蓋異常期間與之前，無法比較',
}

/** Where there is nothing at all, that is said already. */
const uncompared = ({ series, logs, spans }: Observations): Text[] =>
  series.some(({ times }) => times.length > 0) || logs.length > 0 || spans.length > 0 ? [NOT_COMPARED] : []

/** Something was compared, and did not move beyond chance. What went furthest is told, so that a person can judge. */
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

/** Nothing was compared: nobody is cleared by it. */
function undecided(observations: Observations, services: readonly string[], missing: readonly Text[]): Verdict {
  const unusual = (service: string): Text => ({
    en: `${service} could not be compared with the time before.`,
    zh: `${service} 無法與之前的時間比較。`,
  })
  const reason = { en: 'nothing could be compared', zh: '沒有可比較的資料' }
  return blameless('inconclusive', observations, services, { missing, unusual, reason })
}

interface Said {
  missing: readonly Text[]
  /** of a service */
  unusual: (service: string) => Text
  /** against a change */
  reason: Text
}

function blameless(
  verdict: Verdict['verdict'],
  { changes }: Observations,
  services: readonly string[],
  { missing, unusual, reason }: Said,
): Verdict {
  return {
    verdict,
    onset: null,
    phase: null,
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
  }
}
