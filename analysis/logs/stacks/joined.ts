/** Joins stack traces that were shipped as one record per line. */
import type { LogLine } from '../../observations.ts'
import { severityOf } from '../severity.ts'
import { tracebacksIn } from './tracebacks.ts'

/** Always continues the previous line. */
const CONTINUED =
  /^(?:\s+at\s|\s*Caused by: |\s*Suppressed: |Wrapped by: |\s*\.\.\. \d+ (?:more|common)|\s+File "|\s{4,}\S|\s+\S+\.go:\d|\s*---> |\s*--- End of |\s*\[cause\]: |During handling of the above|The above exception was the direct cause|\s+[|+][ -]|\s+panic: |\[signal SIG)/
/** Starts a stack trace; follows the line that reports the error, if any. */
const BEGINS = /^\s*(?:Traceback \(most recent call last\)|goroutine \d+ \[|stack backtrace:)/
/** Continues a stack trace that has started. */
const WITHIN = /^(?:\s|$|[\]})]+,?$|created by |panic\(|exit status \d|\d+: |note: run with )/
/** `net/http.(*conn).serve.func1(0xc000118140)` */
const CALL = /^[^\s(]+(?:\(\*?[^\s()]+\)[^\s(]+)?\(.*\)$/
const CHAINED = /^(?:During handling of the above|The above exception was the direct cause)/
const RAISED = /^[A-Za-z_][\w.<>]*(?::\s|$)/
/** ms; lines of one stack trace are written within this time. */
const AT_ONCE = 1_000
const LONGEST = 20_000
/** Lines of other requests may come between the error and its stack trace: this many are searched. */
const HEADS = 4

interface Stack {
  /** index of the joined line */
  at: number
  /** ms since the epoch */
  last: number
  /** state within a Python traceback: in its frames, after its exception, or before a chained one */
  traceback: 'frames' | 'raised' | 'chained' | null
  isGo: boolean
}

interface Source {
  /** its last lines outside stack traces, newest first */
  heads: readonly number[]
  stack: Stack | null
}

/**
 * Appends the lines of a stack trace to the line they belong to, an earlier line of the same instance. Lines of other requests may come
 * in between.
 */
export function joinStacks(lines: readonly LogLine[]): LogLine[] {
  const joined: LogLine[] = []
  const sources = new Map<string, Source>()
  for (const line of lines) {
    const name = `${line.service}\0${line.instance ?? ''}`
    const source = sources.get(name)
    const stack = source === undefined ? null : stackOf(source, line, joined)
    if (source !== undefined && stack !== null) {
      append(joined, stack, line)
      source.stack = stack
      continue
    }
    const at = joined.push(line) - 1
    const begun = BEGINS.test(line.message) ? begunAt(at, line) : null
    if (source === undefined) sources.set(name, { heads: [at], stack: begun })
    else if (line.message.trim() !== '')
      Object.assign(source, {
        heads: [at, ...source.heads.slice(0, HEADS - 1)],
        stack: begun ?? stillOpen(source, line),
      })
  }
  return joined.map(headed)
}

/** The stack trace this line continues; null: it is not part of one, or starts one. */
function stackOf(source: Source, line: LogLine, joined: readonly LogLine[]): Stack | null {
  const { message } = line
  const open = openIn(source, line)
  if (open !== null && isWithin(open, message)) return open
  const isPart = CONTINUED.test(message)
  if (!isPart && !BEGINS.test(message) && message.trim() !== '') return null
  const head = source.heads.find((at) => tells(joined[at]!, line)) ?? (isPart ? source.heads[0] : undefined)
  return head === undefined ? null : begunAt(head, line)
}

const openIn = ({ stack }: Source, { timestamp }: LogLine): Stack | null =>
  stack !== null && Math.abs(timestamp - stack.last) <= AT_ONCE ? stack : null

function isWithin({ traceback, isGo }: Stack, message: string): boolean {
  if (message.includes('Traceback (most recent call last)')) return traceback === 'chained'
  if (WITHIN.test(message) || CONTINUED.test(message)) return true
  if (isGo) return CALL.test(message) || BEGINS.test(message)
  return traceback === 'frames' && isRaised(message)
}

/** `queue.Empty: no order`, but not `INFO: an order`. */
function isRaised(message: string): boolean {
  const name = RAISED.exec(message)?.[0]
  return name !== undefined && name !== name.toUpperCase()
}

/** Whether `head` is an error logged at nearly the same time. */
const tells = (head: LogLine, { timestamp }: LogLine): boolean =>
  Math.abs(timestamp - head.timestamp) <= AT_ONCE && severityOf(head.level, head.message) !== 'info'

const begunAt = (at: number, line: LogLine): Stack => after({ at, last: line.timestamp, traceback: null, isGo: false }, line) // prettier-ignore

/** An error line closes the current stack trace: following frames belong to that error. */
const stillOpen = ({ stack }: Source, { level, message }: LogLine): Stack | null =>
  stack === null || severityOf(level, message) !== 'info' ? null : stack

function append(joined: LogLine[], stack: Stack, line: LogLine): void {
  const head = joined[stack.at]!
  if (head.message.length < LONGEST) joined[stack.at] = { ...head, message: `${head.message}\n${line.message}` }
  Object.assign(stack, after(stack, line))
}

function after(stack: Stack, { timestamp, message }: LogLine): Stack {
  const isGo = stack.isGo || /^\s*goroutine \d|^\s+\S+\.go:\d/.test(message)
  return { ...stack, last: timestamp, isGo, traceback: tracebackAfter(stack.traceback, message) }
}

function tracebackAfter(traceback: Stack['traceback'], message: string): Stack['traceback'] {
  if (/Traceback \(most recent call last\)|^\s+File "/.test(message)) return 'frames'
  if (CHAINED.test(message)) return 'chained'
  return traceback === 'frames' && isRaised(message) ? 'raised' : traceback
}

/** Prefixes a traceback with its exception, because all tracebacks start with the same words. */
function headed(line: LogLine): LogLine {
  if (!line.message.startsWith('Traceback (most recent call last)')) return line
  const raised = tracebacksIn(line.message.split('\n')).at(-1)
  return raised === undefined ? line : { ...line, message: `${raised.type}: ${raised.message}\n${line.message}` }
}
