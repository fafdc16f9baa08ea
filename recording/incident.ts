/** incident.json: the time window and the request. */
import { z } from 'zod'
import { parseInstant } from './instant.ts'

const instant = z
  .string()
  .refine(
    (text) => !Number.isNaN(parseInstant(text)),
    'must be an RFC 3339 time with a zone, such as 2023-01-29T08:53:00Z',
  )
const range = z
  .looseObject({ start: instant, end: instant })
  .refine(({ start, end }) => parseInstant(start) <= parseInstant(end), 'must not end before it starts')

/** Labels such as thresholds may be written as numbers. */
const label = z.union([z.string(), z.number(), z.boolean()]).transform(String)

export const incidentSchema = z.looseObject({
  id: z.string().min(1),
  title: z.string().optional(),
  asked_at: instant.optional(),
  window: range,
  baseline: range.optional(),
  onset: instant.optional(),
  /** s before a sample that rates and quantiles were computed from */
  rate_window_s: z.number().positive().optional(),
  alert: z
    .looseObject({
      service: z.string().optional(),
      summary: z.string().optional(),
      severity: z.string().optional(),
      labels: z.record(z.string(), label).optional(),
      annotations: z.record(z.string(), label).optional(),
    })
    .optional(),
  request: z.looseObject({ kind: z.string() }).optional(),
  source: z.looseObject({ name: z.string(), license: z.string(), citation: z.string().optional() }).optional(),
})

/** As in the file, with times as RFC 3339 strings. */
export type Incident = z.output<typeof incidentSchema>
