/** Parses logs.jsonl and traces.jsonl: one JSON object per line. */
import { withoutColours } from '../analysis/logs/header.ts'
import { withStack } from '../analysis/logs/stacks/fields.ts'
import type { LogLine, Span } from '../analysis/observations.ts'
import { parseInstant } from './instant.ts'
import { parseJson } from './json.ts'
import type { LineBatch } from './lines.ts'
import { RecordingError, type Place } from './recording-error.ts'
import type { Warnings } from './warnings.ts'

/** Longer messages are truncated, with a warning; the analysis does not need the rest. */
export const LONGEST_MESSAGE = 65_536

type Attributes = Readonly<Record<string, string | number | boolean>>

export interface RecordedLogLine extends LogLine {
  attributes?: Attributes
}

/** Approximate number of characters an item takes in memory. */
export const sizeOf = (one: { message?: string; name?: string; attributes?: Attributes }): number =>
  (one.message ?? one.name ?? '').length + sizeOfAttributes(one.attributes)

function sizeOfAttributes(attributes: Attributes | undefined): number {
  let size = 0
  for (const name in attributes) size += ENTRY + name.length + String(attributes[name]).length
  return size
}
const ENTRY = 16

/** The parsed lines of a batch; unreadable ones are left out and counted. */
export function* parsed<T>(
  { first, lines }: LineBatch,
  file: string,
  warnings: Warnings,
  parse: (text: string, place: Required<Place>, warnings: Warnings) => T | null,
): Generator<T> {
  const rows = warnings.rows(file)
  for (const [at, text] of lines.entries()) {
    let one: T | null = null
    try {
      one = parse(text, { file, line: first + at, column: 1 }, warnings)
    } catch (error) {
      rows.leaveOut(error)
    }
    if (one === null) continue
    rows.took(1)
    yield one
  }
}

/** null for an empty line. Throws `RecordingError` with line and column. */
export function parseLogLine(text: string, place: Required<Place>, warnings: Warnings): RecordedLogLine | null {
  if (text.trim() === '') return null
  const row = parseRow(text, place)
  const { instance, level, trace_id, span_id } = row
  return {
    timestamp: instantIn(row, 'timestamp', text, place),
    service: textIn(row, 'service', text, place),
    message: withoutColours(shortened(withStack(textIn(row, 'message', text, place), row), place, warnings)),
    ...(typeof instance === 'string' && instance !== '' ? { instance } : {}),
    ...(typeof level === 'string' && level !== '' ? { level } : {}),
    ...(typeof trace_id === 'string' && trace_id !== '' ? { traceId: trace_id } : {}),
    ...(typeof span_id === 'string' && span_id !== '' ? { spanId: span_id } : {}),
    ...attributesIn(row),
  }
}

export function parseSpan(text: string, place: Required<Place>): Span | null {
  if (text.trim() === '') return null
  const row = parseRow(text, place)
  const { parent_span_id, status } = row
  return {
    traceId: textIn(row, 'trace_id', text, place),
    spanId: textIn(row, 'span_id', text, place),
    ...(typeof parent_span_id === 'string' && parent_span_id !== '' ? { parentSpanId: parent_span_id } : {}),
    service: textIn(row, 'service', text, place),
    name: textIn(row, 'name', text, place),
    start: instantIn(row, 'start', text, place),
    end: instantIn(row, 'end', text, place),
    ...(typeof status === 'string' && status !== '' ? { status } : {}),
    ...attributesIn(row),
  }
}

type Row = Record<string, unknown>

function parseRow(text: string, place: Required<Place>): Row {
  const value = parseJson(text, place.file, place.line)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row
  throw new RecordingError('invalid', place, 'the line is not a JSON object')
}

function textIn(row: Row, name: string, text: string, place: Required<Place>): string {
  const value = row[name]
  if (typeof value === 'string') return value
  throw bad(name, value === undefined ? 'is missing' : 'is not a string', text, place)
}

function instantIn(row: Row, name: string, text: string, place: Required<Place>): number {
  const instant = parseInstant(textIn(row, name, text, place))
  if (!Number.isNaN(instant)) return instant
  throw bad(name, 'is not an RFC 3339 time with a zone', text, place)
}

function bad(name: string, reason: string, text: string, place: Required<Place>): RecordingError {
  const column = Math.max(text.indexOf(`"${name}"`), 0) + 1
  return new RecordingError('invalid', { ...place, column }, `${name} ${reason}`)
}

/** Nested values are stored as JSON text, so that attributes can be matched. */
function attributesIn({ attributes }: Row): { attributes?: Attributes } {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) return {}
  const flat = Object.entries(attributes).flatMap(([name, value]: [string, unknown]) => {
    if (value === null || value === undefined) return []
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    return [[name, plain ? value : JSON.stringify(value)] as const]
  })
  return { attributes: Object.fromEntries(flat) }
}

/** The message, truncated with a warning if it is too long. */
export function shortened(message: string, place: Place, warnings: Warnings): string {
  const kept = cutMessage(message)
  if (kept !== message) warnings.add(place, `a message longer than ${LONGEST_MESSAGE} characters was truncated`)
  return kept
}

/** Truncates a long message and appends the number of removed characters. */
export const cutMessage = (message: string): string =>
  message.length <= LONGEST_MESSAGE
    ? message
    : `${message.slice(0, LONGEST_MESSAGE)}… (${message.length - LONGEST_MESSAGE} more characters)`
