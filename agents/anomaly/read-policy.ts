/** policy.yaml. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Policy } from './policy.ts'

const severity = z.enum(['critical', 'warning', 'info'])
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day in quotes, such as "22:00"')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
const zone = z.string().refine(isZone, 'must be a time zone, such as Asia/Taipei')

const file = z.strictObject({
  diagnose: z.strictObject({
    services: z.array(z.string().min(1)).min(1).default(['*']),
    least_severity: severity.default('critical'),
    forecasts: z.boolean().default(false),
    per_hour: z.int().min(0).default(6),
    per_day: z.int().min(0).default(40),
    cool_down_minutes: z.number().min(0).default(30),
    quiet_hours: z
      .array(
        z
          .strictObject({ from: clock, to: clock, zone: zone.default('UTC'), least_severity: severity.optional() })
          .refine(({ from, to }) => from !== to, 'from and to must differ: hours of no length are never quiet'),
      )
      .default([]),
  }),
})

/** Throws one `ZodError` that lists every mistake, or the error of the file system or of YAML. */
export function readPolicy(path: string): Policy {
  const { diagnose } = file.parse(parse(readFileSync(path, 'utf8')))
  return {
    services: diagnose.services,
    leastSeverity: diagnose.least_severity,
    forecasts: diagnose.forecasts,
    perHour: diagnose.per_hour,
    perDay: diagnose.per_day,
    coolDownMs: diagnose.cool_down_minutes * 60_000,
    quietHours: diagnose.quiet_hours.map(({ least_severity: least, ...hours }) => ({ ...hours, leastSeverity: least ?? null })), // prettier-ignore
  }
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
