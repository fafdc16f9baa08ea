/** A verdict for the terminal: the summary, the candidates with their sparklines, then the evidence. */
import wrapAnsi from 'wrap-ansi'
import type { Observations, Series } from '../../analysis/observations.ts'
import { percentOf } from '../../analysis/ranking/confidence.ts'
import { summaryOf } from '../../analysis/summary.ts'
import { changedText } from '../../analysis/text.ts'
import type { RootCause, Text, Verdict } from '../../analysis/verdict.ts'
import { sparkline } from './sparkline.ts'
import type { Language } from '../../gateway/present/language.ts'
import { labelled } from '../../gateway/present/words.ts'
import { visible } from '../../schemas/visible.ts'
import { type Line, paint, type Painted } from '../terminal/line.ts'
import { table } from './table.ts'

export interface Answered {
  id: string
  title: string
  verdict: Verdict
  observations: Observations
  elapsedMs: number
}

const SHOWN = 5

const WORDS = {
  en: {
    titles: ['', 'score', 'service', 'indicator', 'trend'],
    evidence: 'Evidence for the first',
    findings: 'Other findings',
    changes: 'Changes that may have caused it',
    noChange: 'none of them',
    ruledOut: 'Ruled out',
    missing: 'Data gaps',
    took: (ms: number, services: number) => `${services} services in ${ms} ms`,
  },
  'zh-TW': {
    titles: ['', '分數', '服務', '指標', '走勢'],
    evidence: '第一項的證據',
    findings: '其他發現',
    changes: '可能造成異常的變更',
    noChange: '都不是',
    ruledOut: '已排除',
    missing: '資料缺口',
    took: (ms: number, services: number) => `${services} 個服務，${ms} 毫秒`,
  },
} as const

export function report(answered: Answered, language: Language, columns: number): Line[] {
  const { title, verdict, elapsedMs } = answered
  const words = WORDS[language]
  const say = ({ en, zh }: { en: string; zh: string }): string => (language === 'en' ? en : zh)
  const [first] = verdict.rootCauses
  const isFirsts = (id: string): boolean => first?.evidence.includes(id) === true
  const cited = verdict.evidence.filter(({ id }) => isFirsts(id))
  const others = verdict.findings.filter(({ evidence }) => !evidence.every(isFirsts))
  return [
    paint('bold', title),
    ...summaryOf(verdict).map(say),
    '',
    ...(verdict.verdict === 'nothing_wrong' ? [] : candidates(answered, language, columns)),
    '',
    ...section(words.evidence, cited.map(({ summary }) => say(summary)), columns), // prettier-ignore
    ...section(words.findings, others.slice(0, SHOWN).map(({ service, message }) => about(service, say(message), language)), columns), // prettier-ignore
    ...section(words.changes, suspected(verdict, say, words.noChange), columns),
    ...section(words.ruledOut, verdict.ruledOut.slice(0, SHOWN).map(({ changeId, service, reason }) => labelled(language, say(changeIn(answered, changeId) ?? same(service ?? '')), say(reason))), columns), // prettier-ignore
    ...section(words.missing, verdict.missing.map(say), columns),
    paint('dim', words.took(elapsedMs, verdict.rootCauses.length)),
    '',
  ]
}

/** Each with its probability, then that of none of them. */
function suspected({ suspectedChanges }: Verdict, say: (text: Text) => string, noChange: string): string[] {
  if (suspectedChanges === null || suspectedChanges.suspects.length === 0) return []
  const shown = suspectedChanges.suspects
    .slice(0, SHOWN)
    .map(({ text, probability }) => ({ text: say(text), probability }))
  return [...shown, { text: noChange, probability: suspectedChanges.none }].map(({ text, probability }) => `${percentOf(probability)} %  ${text}`) // prettier-ignore
}

const same = (text: string): Text => ({ en: text, zh: text })

/** Describes the change, because its id means nothing to a person. */
function changeIn({ observations: { changes } }: Answered, id: string | undefined): Text | null {
  const change = changes.find((one) => one.id === id)
  return change === undefined ? null : changedText(change)
}

/** Prefixes the service, unless the text already starts with it. */
const about = (service: string, text: string, language: Language): string =>
  text.startsWith(service) ? text : labelled(language, service, text)

function candidates({ verdict, observations }: Answered, language: Language, columns: number): Painted[] {
  const rows = verdict.rootCauses
    .slice(0, SHOWN)
    .map((cause) => [`${cause.rank}.`, cause.score.toFixed(2), cause.service, cause.indicator ?? cause.changeId ?? '', course(cause, observations)]) // prettier-ignore
  return table([WORDS[language].titles, ...rows], columns)
}

/** A sparkline of the indicator, with the window in red. */
function course({ service, indicator }: RootCause, { series, window }: Observations): Line {
  const shown = series.find((one: Series) => one.service === service && one.indicator === indicator)
  if (shown === undefined) return ''
  const within = (at: number): boolean => (shown.times[at] ?? 0) >= window.start && (shown.times[at] ?? 0) <= window.end
  return sparkline(shown.values, 30, within, (text) => paint('red', text))
}

/** Wraps long lines instead of truncating them, because the end often matters most. */
function section(title: string, texts: readonly string[], columns: number): Line[] {
  if (texts.length === 0) return []
  const lines = texts.flatMap((text) => wrapAnsi(visible(text.replace(/\s+/g, ' ')), columns - 4, { hard: true }).split('\n').map((line, at) => `${at === 0 ? '  · ' : '    '}${line}`)) // prettier-ignore
  return [paint('bold', title), ...lines, '']
}
