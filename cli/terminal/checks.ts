/** One measurement of an action's effect, in words. */
import { amount } from '../../analysis/text.ts'
import type { Language } from '../../gateway/present/language.ts'
import { clauses, labelled, noted, readable } from '../../gateway/present/words.ts'

export interface Measured {
  service: string
  indicator: string
  effect: string
  /** before the incident, during it, and after the action; null: not measured, which is not zero */
  normal: number | null
  disturbed: number | null
  after: number | null
  unit?: string | null
}

const LEVELS: Readonly<Record<Language, (normal: string, disturbed: string, after: string) => readonly string[]>> = {
  en: (normal, disturbed, after) => [`normally ${normal}`, `${disturbed} during the incident`, `${after} after the action`], // prettier-ignore
  'zh-TW': (normal, disturbed, after) => [`平時 ${normal}`, `事故期間 ${disturbed}`, `動作後 ${after}`],
}

const NO_DATA: Readonly<Record<Language, string>> = { en: 'no data', 'zh-TW': '沒有資料' }

/** `why`: the reason that there is no level after the action. */
export function checkText(check: Measured, why: string | null, language: Language): string {
  const level = (value: number | null) => (value === null ? NO_DATA[language] : amount(value, check.unit ?? undefined))
  const levels = LEVELS[language](level(check.normal), level(check.disturbed), level(check.after))
  const effect = readable(language, check.effect)
  return labelled(
    language,
    `${check.service} ${check.indicator}`,
    noted(language, clauses(language, levels), why === null ? effect : labelled(language, effect, why)),
  )
}
