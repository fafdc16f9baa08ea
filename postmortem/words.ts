/** Times, spans and numbers in the words of a report. */
import type { Language, Text, Times } from './report.ts'

export const both = (en: string, zh: string): Text => ({ en, 'zh-TW': zh })

/** The moments of an incident. */
export const moments = {
  began: both('began', '開始'),
  detected: both('detected', '偵測'),
  acknowledged: both('acknowledged', '確認'),
  diagnosed: both('diagnosed', '診斷'),
  decided: both('decided', '決定'),
  acted: both('acted', '執行'),
  mitigated: both('mitigated', '緩解'),
  resolved: both('resolved', '解決'),
} satisfies Record<keyof Times, Text>

/** No date is later: other systems may give any number. */
const LAST_DATE = 8.64e15
const isDate = (at: number): boolean => Math.abs(at) <= LAST_DATE

/** `2026-11-23 15:55:19 UTC` */
export const utc = (at: number): string =>
  isDate(at)
    ? `${new Date(at)
        .toISOString()
        .replace(/\.\d+Z$/, '')
        .replace('T', ' ')} UTC`
    : `${at} ms`

/** `2026-11-23 23:55:19 (Asia/Taipei)`, in the reader's zone. */
export const inZone = (at: number, zone: string): string => {
  if (!isDate(at)) return `${at} ms`
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at)
  return `${parts} (${zone})`
}

const UNITS: readonly (readonly [ms: number, en: string, zh: string])[] = [
  [86_400_000, 'd', '天'],
  [3_600_000, 'h', '小時'],
  [60_000, 'min', '分鐘'],
  [1000, 's', '秒'],
]

/** The two largest units: `1 h 5 min`, `43 s`. */
export function span(ms: number): Text {
  const first = UNITS.findIndex(([size]) => ms >= size)
  if (first === -1) return ms >= 999.5 ? span(1000) : both(`${Math.round(ms)} ms`, `${Math.round(ms)} 毫秒`)
  const [size, en, zh] = UNITS[first]!
  const next = UNITS[first + 1]
  const smallest = next?.[0] ?? size
  const rounded = Math.round(ms / smallest) * smallest
  // 59 min 59.6 s is an hour
  const larger = UNITS[first - 1]
  if (larger !== undefined && rounded >= larger[0]) return span(rounded)
  const many = Math.floor(rounded / size)
  const rest = (rounded - many * size) / smallest
  return rest === 0 || next === undefined
    ? both(`${many} ${en}`, `${many} ${zh}`)
    : both(`${many} ${en} ${rest} ${next[1]}`, `${many} ${zh} ${rest} ${next[2]}`)
}

/** `12.3 %` */
export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`

/** An integral, so small ones are seldom whole: `1.42`. */
export const count = (value: number): string =>
  value < 100 ? String(Number(value.toPrecision(3))) : Math.round(value).toLocaleString('en-US')

export const level = (value: number, unit: string | null): string =>
  unit === 'ratio' ? percent(value) : `${Number(value.toPrecision(3))}${unit === null || unit === '' ? '' : ` ${unit}`}`

/** Sentences or items in one text per language. */
export const joinedTexts = (texts: readonly Text[], en: string, zh: string): Text =>
  both(texts.map((one) => one.en).join(en), texts.map((one) => one['zh-TW']).join(zh))

export const inLanguage = (text: Text, language: Language): string => text[language]
