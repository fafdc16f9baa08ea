import { InvalidArgumentError } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'

/** An instant with its zone. */
const INSTANT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/

/** ms since the epoch of `2h` ago or an instant in ISO 8601. */
export const parseMoment =
  (now: () => number) =>
  (text: string): number => {
    if (/^\d+[smhd]$/.test(text)) return now() - parseDuration(text)
    const moment = INSTANT.test(text) ? Date.parse(text) : Number.NaN
    if (Number.isNaN(moment)) throw new InvalidArgumentError('write 30m, 2h or 1d for so long ago, or an instant like 2026-11-28T10:00:00Z') // prettier-ignore
    return moment
  }
