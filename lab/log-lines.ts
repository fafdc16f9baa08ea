/** Parses a service's log line for a recording. A line that is not JSON, as after a crash, is kept verbatim. */
import { z } from 'zod'
import type { RecordedLogLine } from '../recording/log-lines.ts'

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
): RecordedLogLine {
  const { service, instance, at, level: assumed } = from
  const parsed = structured.safeParse(parseJson(line))
  if (!parsed.success)
    return { timestamp: at, service, instance, ...(assumed ? { level: assumed } : {}), message: line }
  const { timestamp, level, message, trace_id: traceId, attributes } = parsed.data
  return {
    timestamp: Date.parse(timestamp),
    service,
    instance,
    level,
    message,
    ...(traceId === undefined ? {} : { traceId }),
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
