import Negotiator from 'negotiator'

export type Language = 'en' | 'zh-TW'

/** The language the request prefers; default English. Any Chinese gets Traditional Chinese. */
export function languageOf(header: string | undefined): Language {
  const wanted = new Negotiator({ headers: { 'accept-language': header } }).languages()
  const known = wanted.find((tag) => /^(zh|en)\b/i.test(tag))
  return known !== undefined && /^zh\b/i.test(known) ? 'zh-TW' : 'en'
}

/** The text in this language, or in another one if it is missing. */
export const inLanguage = (texts: Readonly<Record<string, string>>, language: Language): string =>
  texts[language] ?? texts.en ?? Object.values(texts)[0] ?? ''

/** RFC 3339 years have four digits */
const firstMoment = Date.parse('0000-01-01T00:00:00Z')
const lastMoment = Date.parse('9999-12-31T23:59:59.999Z')

/** RFC 3339 from ms since the epoch; out-of-range values are clamped. */
export const timeOf = (ms: number): string => new Date(Math.min(Math.max(ms, firstMoment), lastMoment)).toISOString()
export const timeOrNull = (ms: number | null): string | null => (ms === null ? null : timeOf(ms))
