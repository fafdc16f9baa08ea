/** policy.yaml. */
import { parse } from 'yaml'
import { z } from 'zod'
import { DAYS, momentsOf } from './local-time.ts'
import type { Maintenance } from './maintenance.ts'
import { NEVER, type Policy } from './policy.ts'

const severity = z.enum(['critical', 'warning', 'info'])
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "22:00"')
  .transform(minutesOf)
const clockOrMidnight = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'must be a time of day in quotes, such as "22:00" or "24:00"')
  .transform(minutesOf)
const zone = z.string().refine(isZone, 'must be a time zone, such as Asia/Taipei').default('UTC')
const hours = { from: clock, to: clockOrMidnight, zone }
const names = z.array(z.string().min(1)).min(1)

const diagnose = z.strictObject({
  services: names.default(['*']),
  least_severity: severity.default('critical'),
  forecasts: z.boolean().default(false),
  per_hour: z.int().min(0).default(6),
  per_day: z.int().min(0).default(40),
  cool_down_minutes: z.number().min(0).default(30),
  quiet_hours: z.array(withLength(z.strictObject({ ...hours, least_severity: severity.optional() }))).default([]),
})

const which = { services: names, indicators: names.optional() }
/** To the minute or to the second. */
const moment = z.union(
  [-1, 0].map((precision) => z.iso.datetime({ offset: true, local: true, precision })),
  'must be a time, such as 2026-12-05T22:00+08:00, or 2026-12-05T22:00 with a zone',
)
const once = z.strictObject({ ...which, from: moment, to: moment, zone }).transform((given, { issues }) => {
  const at = (field: 'from' | 'to'): number => {
    const [first, second] = momentOf(given[field], given.zone)
    const message = first === undefined ? 'does not exist there: clocks are put forward over it' : second === undefined ? null : 'happens twice there: clocks are put back over it. Write it with its offset' // prettier-ignore
    if (message !== null) issues.push({ code: 'custom', path: [field], message, input: given[field] })
    return first ?? NaN
  }
  const window = { start: at('from'), end: at('to') }
  if (window.end <= window.start) issues.push({ code: 'custom', path: ['to'], message: 'must be later than from', input: given.to }) // prettier-ignore
  return maintenanceOn(given, window)
})
const weekly = withLength(z.strictObject({ ...which, days: z.array(z.enum(DAYS)).min(1).default([...DAYS]), ...hours }))
  .transform(({ days, from, to, zone: there, ...about }) => maintenanceOn(about, { days, from, to, zone: there })) // prettier-ignore

const file = z.strictObject({
  diagnose: diagnose.optional(),
  maintenance: z
    .strictObject({ once: z.array(once).default([]), weekly: z.array(weekly).default([]) })
    .default({ once: [], weekly: [] }),
  deployments: z
    .strictObject({ delay_minutes: z.number().min(0).max(60), least_severity: severity.default('critical') })
    .optional(),
})

/** Throws one `ZodError` that lists every mistake, or the error of YAML. */
export function parsePolicy(text: string): Policy {
  const { diagnose: asking, maintenance, deployments } = file.parse(parse(text))
  return {
    ...NEVER,
    ...(asking === undefined ? {} : askingFor(asking)),
    maintenance: [...maintenance.once, ...maintenance.weekly],
    ...(deployments === undefined ? {} : { deployments: { ms: deployments.delay_minutes * 60_000, leastSeverity: deployments.least_severity } }), // prettier-ignore
  }
}

const askingFor = (given: z.output<typeof diagnose>): Omit<Policy, 'maintenance' | 'deployments'> => ({
  services: given.services,
  leastSeverity: given.least_severity,
  forecasts: given.forecasts,
  perHour: given.per_hour,
  perDay: given.per_day,
  coolDownMs: given.cool_down_minutes * 60_000,
  quietHours: given.quiet_hours.map(({ least_severity: least, ...quiet }) => ({ ...quiet, leastSeverity: least ?? null })), // prettier-ignore
})

const maintenanceOn = (
  { services, indicators }: { services: string[]; indicators?: string[] | undefined },
  window: Maintenance['window'],
): Maintenance => ({ services, indicators: indicators ?? null, window })

/** One, unless it is a local time that the clocks there show never or twice. */
const momentOf = (text: string, there: string): number[] =>
  /(Z|[+-]\d\d:?\d\d)$/.test(text) ? [Date.parse(text)] : momentsOf(there, text)

function withLength<T extends z.ZodType<{ from: number; to: number }>>(window: T) {
  return window.refine(({ from, to }) => from !== to, 'from and to must differ')
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
