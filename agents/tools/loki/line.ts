import type { LogEntry } from '../tools.ts'

const MESSAGE = ['message', 'msg', 'log', 'body']
const LEVEL = ['level', 'severity', 'lvl', 'log.level']
const TRACE = ['trace_id', 'traceId', 'traceID']

/** One line as an entry: structured lines by their usual fields, others whole; the level from the line, its labels, or its first words. */
export function entryOf(
  timestamp: number,
  line: string,
  labels: Readonly<Record<string, string>>,
  service: string,
): LogEntry {
  const fields = structured(line)
  const level =
    first(fields, LEVEL) ??
    labels['level'] ??
    labels['detected_level'] ??
    /\b(TRACE|DEBUG|INFO|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b/.exec(line.slice(0, 200))?.[1]
  const instance = labels['pod'] ?? labels['instance']
  const traceId = first(fields, TRACE) ?? labels['trace_id']
  return {
    timestamp,
    service,
    ...(instance === undefined ? {} : { instance }),
    ...(level === undefined || level === 'unknown' ? {} : { level: level.toLowerCase() }),
    message: first(fields, MESSAGE) ?? line,
    ...(traceId === undefined ? {} : { traceId }),
  }
}

function structured(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

function first(fields: Readonly<Record<string, unknown>>, names: readonly string[]): string | undefined {
  const value = names.map((name) => fields[name]).find((one) => typeof one === 'string' || typeof one === 'number')
  return value === undefined ? undefined : String(value)
}
