/**
 * Known disturbances: past incidents and alerts, and the platform's own actions. They are left out of the baseline, and the answer lists them.
 */
import type { Change, Disturbed, Observations, TimeRange } from './observations.ts'
import { releaseOf } from './release.ts'
import type { Text } from './verdict.ts'

/** The problem starts this long before its alert fires or its incident is opened. */
const AHEAD_MS = 60_000
/** Typical duration of an action's effect, such as a restart. */
const ACTION_MS = 60_000

/** Default author of the platform's own changes. */
export const EXECUTOR = 'sre-executor'

/** Control-planes return the author alone or as `<issuer>|<subject>`. */
export const isOf = (executor: string, author: string | null | undefined): boolean =>
  author === executor || author?.endsWith(`|${executor}`) === true

/** `seen`: when it was noticed; times in ms since the epoch. */
export const disturbedBy = (source: Text, service: string, seen: number, end: number): Disturbed => ({ start: seen - AHEAD_MS, end, seen, service, source }) // prettier-ignore

export const incidentText = (id: string): Text => ({ en: `incident ${id}`, zh: `事故 ${id}` })

export const alertText = (name: string, service: string): Text =>
  name === ''
    ? { en: `an alert on ${service}`, zh: `${service} 的告警` }
    : { en: `alert ${name} on ${service}`, zh: `${service} 的告警 ${name}` }

/** Time ranges of the platform's own actions. An action is not an incident, but may have started one. */
export const actionsIn = (changes: readonly Change[]): Disturbed[] =>
  changes
    .filter(({ byPlatform }) => byPlatform === true)
    .map((change) => ({
      start: change.timestamp,
      end: change.timestamp + ACTION_MS,
      source: approvedText(change),
    }))

function approvedText(change: Change): Text {
  const { service, summary } = change
  const release = releaseOf(change)
  const what = release === null ? { en: summary, zh: summary } : { en: `deployed ${release.after}`, zh: `部署 ${release.after}` } // prettier-ignore
  return { en: `an approved action on ${service} (${what.en})`, zh: `${service} 的已核准動作（${what.zh}）` }
}

export const inside = ({ start, end }: TimeRange, ranges: readonly TimeRange[]): TimeRange[] =>
  ranges
    .map((one) => ({ start: Math.max(start, one.start), end: Math.min(end, one.end) }))
    .filter((one) => one.end > one.start)

/** Lists what the baseline leaves out and why: a known disturbance, or one found by the analysis. */
export function leftOutTexts(ranges: readonly TimeRange[], { disturbed = [], changes }: Observations): Text[] {
  const known = [...disturbed, ...actionsIn(changes)]
  return ranges.map((range) => {
    const sources = known.filter((one) => one.start < range.end && one.end > range.start).flatMap(({ source }) => source ?? []) // prettier-ignore
    const told = [...new Map(sources.map((one) => [one.en, one])).values()]
    const { en, zh } = told.length === 0 ? FOUND : { en: told.map(({ en }) => en).join(', '), zh: told.map(({ zh }) => zh).join('、') } // prettier-ignore
    const when = `${clock(range.start)}–${clock(range.end)}`
    return { en: `baseline leaves out ${when} UTC: ${en}`, zh: `基準時段不含 ${when}（UTC）：${zh}` }
  })
}

const FOUND: Text = { en: 'users were affected then too', zh: '當時使用者也受到影響' }

const clock = (instant: number): string => new Date(instant).toISOString().slice(11, 16)
