import { withoutColours, withoutWrapper } from '../../../analysis/logs/header.ts'
import { levelIn } from '../../../analysis/logs/severity.ts'
import { withStack } from '../../../analysis/logs/stacks/fields.ts'
import type { LogEntry } from '../tools.ts'

type Fields = Readonly<Record<string, unknown>>

const MESSAGE = ['msg', 'message', 'body', 'Body', 'event', '@message']
const LEVEL = ['level', 'severity', 'lvl', 'log.level', 'severity_text', 'SeverityText', 'levelname', 'detected_level']
const TRACE = ['trace_id', 'traceId', 'traceID', 'TraceId', 'dd.trace_id']
const INSTANCE = ['pod', 'k8s_pod_name', 'instance', 'service_instance_id', 'host']
/** Numeric levels of pino and bunyan. */
const NUMBERED = new Map([10, 20, 30, 40, 50, 60].map((number, index) => [String(number), ['trace', 'debug', 'info', 'warn', 'error', 'fatal'][index]])) // prettier-ignore

/** Parses a line: a structured line by its usual fields, any other as a whole. The level comes from the line, its labels, or its first words. */
export function entryOf(
  timestamp: number,
  text: string,
  labels: Readonly<Record<string, string>>,
  service: string,
): LogEntry {
  const line = withoutColours(withoutWrapper(text))
  const fields = structured(line)
  const said = first(fields, LEVEL) ?? logfmt(line, WRITTEN_LEVEL) ?? first(labels, LEVEL)
  const level = (said === 'unknown' ? undefined : said) ?? levelIn(text) ?? levelIn(line)
  const instance = first(labels, INSTANCE)
  const traceId = first(fields, TRACE) ?? first(labels, TRACE) ?? logfmt(line, WRITTEN_TRACE)
  return {
    timestamp,
    service,
    ...(instance === undefined ? {} : { instance }),
    ...(level === undefined ? {} : { level: (NUMBERED.get(level) ?? level).toLowerCase() }),
    message: messageOf(fields, line),
    ...(traceId === undefined ? {} : { traceId }),
  }
}

/** The message, with the stack trace if another field holds it. An unstructured line already contains both. */
function messageOf(fields: Fields, line: string): string {
  const said = first(fields, MESSAGE)
  return said === undefined ? line : withoutColours(withStack(said, fields))
}

/** Fields of a JSON line; if a container runtime wrapped the line, of the inner one. */
function structured(line: string): Fields {
  if (!line.startsWith('{')) return {}
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed !== 'object' || parsed === null) return {}
    const fields = parsed as Record<string, unknown>
    const wrapped = fields['log']
    if (typeof wrapped !== 'string') return fields
    const inside = wrapped.trimEnd()
    return { message: inside, ...structured(inside) }
  } catch {
    return {}
  }
}

/** The value of a field written as `name=value`. */
const logfmt = (line: string, field: RegExp): string | undefined => field.exec(line.slice(0, 2000))?.[1]
const WRITTEN_LEVEL = /(?:^|\s)(?:level|lvl|severity)="?([\w-]+)/i
const WRITTEN_TRACE = /(?:^|\s)trace_?id="?([\w-]+)/i

function first(fields: Fields, names: readonly string[]): string | undefined {
  const value = names.map((name) => fields[name]).find((one) => typeof one === 'string' || typeof one === 'number')
  return value === undefined ? undefined : String(value)
}
