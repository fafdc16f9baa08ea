import type { Identity } from '../../analysis/watch/watched.ts'

/** Which series are shown with their expected range. */
export type Chosen = (identity: Identity) => boolean

/** `service` or `service/indicator`; `*` stands for any. Null: none of these. */
export function choiceOf(entry: string): Chosen | null {
  const [service, indicator = '*', ...more] = entry.split('/')
  if (service === undefined || service === '' || indicator === '' || more.length > 0) return null
  return (one) => (service === '*' || service === one.service) && (indicator === '*' || indicator === one.indicator)
}
