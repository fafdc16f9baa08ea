const FORM = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/i

/** RFC 3339 with a zone, up to nanoseconds, to ms since the epoch (with a fraction); NaN for anything else. */
export function parseInstant(text: string): number {
  const match = FORM.exec(text)
  if (match === null) return NaN
  const [, seconds, fraction, zone] = match
  if (!isDay(text.slice(0, 10))) return NaN
  const whole = Date.parse(`${seconds}${zone?.toUpperCase()}`)
  return fraction === undefined ? whole : whole + Number(`0.${fraction}`) * 1_000
}

/** The runtime takes 30 February for 2 March; days up to the 28th are in every month. */
export function isDay(text: string): boolean {
  if (text.slice(8) <= '28') return true
  const instant = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(instant) && new Date(instant).toISOString().startsWith(text)
}

/** ms since the epoch to RFC 3339 in UTC; microseconds only where there are any. */
export function formatInstant(instant: number): string {
  const micros = Math.round((instant - Math.floor(instant)) * 1_000)
  if (micros === 0) return new Date(Math.floor(instant)).toISOString()
  if (micros === 1_000) return new Date(Math.floor(instant) + 1).toISOString()
  return new Date(Math.floor(instant)).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}
