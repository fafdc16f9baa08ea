/** A line a service wrote, as a recording keeps it. What is not JSON is kept word for word: a crash writes plain text. */
import { z } from 'zod'

export interface ShopLogLine {
  /** ms since the epoch */
  timestamp: number
  service: string
  instance: string
  level?: string
  message: string
  trace_id?: string
  attributes?: Record<string, string | number | boolean>
}

const structured = z.object({
  timestamp: z.iso.datetime(),
  level: z.string(),
  message: z.string(),
  trace_id: z.string().optional(),
  attributes: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})

export function readLogLine(
  line: string,
  from: { service: string; instance: string; at: number; level?: string },
): ShopLogLine {
  const { service, instance, at, level } = from
  const parsed = structured.safeParse(parseJson(line))
  if (!parsed.success) return { timestamp: at, service, instance, ...(level ? { level } : {}), message: line }
  const { timestamp, trace_id, attributes, ...rest } = parsed.data
  return {
    timestamp: Date.parse(timestamp),
    service,
    instance,
    ...rest,
    ...(trace_id === undefined ? {} : { trace_id }),
    ...(attributes === undefined ? {} : { attributes }),
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return null
  }
}
