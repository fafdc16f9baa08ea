import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'

/** A date, or a time with a zone. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** Parses `2h` (ago) or an ISO 8601 time to ms since the epoch. */
export const parseMoment =
  (now: () => number) =>
  (text: string): number => {
    if (/^\d+[smhd]$/.test(text)) return now() - parseDuration(text)
    const moment = INSTANT.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(moment)) throw new InvalidArgumentError('expected 30m, 2h or 1d ago, or a time such as 2026-11-28T10:00:00Z') // prettier-ignore
    return moment
  }
