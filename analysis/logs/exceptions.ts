/** Extracts exceptions from log lines, with the first stack frame in the service's own code. */
import { causesIn } from './stacks/causes.ts'
import { stackIn } from './stacks/fields.ts'
import { familyOf, isOwn } from './stacks/own-code.ts'
import { panicIn } from './stacks/panics.ts'
import type { Thrown } from './stacks/thrown.ts'
import { tracebacksIn } from './stacks/tracebacks.ts'

export interface LoggedException {
  /** e.g. java.lang.IllegalStateException, TypeError, panic */
  type: string
  message: string
  /** the first frame in own code; absent if no stack was logged or it has library frames only */
  frame?: string
  /** type of the root exception, if its stack has library frames only */
  cause?: string
}

const HINT = /Exception|Error|Throwable|Interrupt|panic|fatal error|Traceback|\.go:\d/

/** In a chain of exceptions, the one closest to the root cause that has a frame in own code; else the root. null: no exception. */
export function exceptionIn(text: string): LoggedException | null {
  if (!HINT.test(text)) return null
  const chain = chainIn(unfolded(text).split('\n'))
  const [first] = chain
  if (first === undefined) return null
  const families = new Set(chain.length > 1 ? chain.at(-1)!.frames.filter(isOwn).map(familyOf) : [])
  const framed = chain.map((thrown) => ({ thrown, frame: ownFrame(thrown, families) }))
  const { thrown, frame } = framed.find((one) => one.frame !== undefined) ?? { thrown: first, frame: undefined }
  return {
    type: thrown.type,
    message: thrown.message.slice(0, 300),
    ...(frame === undefined ? {} : { frame }),
    ...(thrown === first ? {} : { cause: first.type }),
  }
}

function chainIn(lines: readonly string[]): Thrown[] {
  const tracebacks = tracebacksIn(lines)
  if (tracebacks.length > 0) return tracebacks
  const panic = panicIn(lines)
  return panic === null ? causesIn(lines).filter(({ type }) => type !== '') : [panic]
}

/** Prefers frames of the same package as the outermost exception, because unknown drivers also look like own code. */
function ownFrame({ frames }: Thrown, families: ReadonlySet<string | undefined>): string | undefined {
  const own = frames.filter(isOwn)
  return own.find((frame) => families.has(familyOf(frame))) ?? own[0]
}

/** An escaped line break followed by indentation; does not match Windows paths. */
const WRITTEN_OUT = /\\n(?:\\t| )/
const SIGNS = { n: '\n', t: '\t', '"': '"' }

/** Expands a stack on a single line: a JSON field, or escaped line breaks. */
function unfolded(text: string): string {
  if (text.includes('\n')) return text
  if (text.startsWith('{')) {
    try {
      const stack = stackIn(JSON.parse(text) as Record<string, unknown>)
      if (stack !== undefined) return stack
    } catch {
      // not JSON: treat as text
    }
  }
  return WRITTEN_OUT.test(text) ? text.replace(/\\([nt"])/g, (_, sign: keyof typeof SIGNS) => SIGNS[sign]) : text
}
