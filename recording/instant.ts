const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i

/** Parses RFC 3339 with a zone, up to nanoseconds, to ms since the epoch (with a fraction); NaN for anything else. */
export function parseInstant(text: string): number {
  const match = FORM.exec(text)
  if (match === null) return NaN
  const [, seconds, fraction, zone] = match
  if (!isDay(text.slice(0, 10))) return NaN
  const whole = Date.parse(`${seconds}${zone?.toUpperCase()}`)
  return fraction === undefined ? whole : whole + Number(`0.${fraction}`) * 1_000
}

/** Rejects days that do not exist; `Date.parse` reads 30 February as 2 March. Days up to the 28th exist in every month. */
export function isDay(text: string): boolean {
  if (text.slice(8) <= '28') return true
  const instant = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text)
}

/** Formats ms since the epoch as RFC 3339 in UTC, with microseconds only if there are any. */
export function formatInstant(instant: number): string {
  const micros = Math.round((instant - Math.floor(instant)) * 1_000)
  if (micros === 0) return new Date(Math.floor(instant)).toISOString()
  if (micros === 1_000) return new Date(Math.floor(instant) + 1).toISOString()
  return new Date(Math.floor(instant)).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}
