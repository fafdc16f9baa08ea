/** Stack traces in separate fields of a structured log line (`stacktrace`, `err.stack`, `exc_info`, `exception.stacktrace`). */

type Fields = Readonly<Record<string, unknown>>

/** Recognised by content, not by field name. */
const STACK = /\n\s+at |Traceback \(most recent call last\)|(?:^|\n)goroutine \d+ \[|\n\s+\S{1,300}\.go:\d/
const DEEPEST = 3

/** The message, followed by the stack trace. */
export function withStack(message: string, fields: Fields): string {
  const stack = stackIn(fields)
  return stack === undefined || STACK.test(message) ? message : `${message}\n${stack}`
}

export const stackIn = (fields: Fields): string | undefined => textsIn(fields, DEEPEST).find((text) => STACK.test(text))

function textsIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return value.includes('\n') ? [value] : []
  if (typeof value !== 'object' || value === null || depth === 0) return []
  if (Array.isArray(value)) return value.every((one) => typeof one === 'string') ? [value.join('\n')] : []
  return Object.values(value).flatMap((one) => textsIn(one, depth - 1))
}
