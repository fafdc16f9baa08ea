/** Exceptions in log lines, with the first frame of their stack that is the service's own code. */
import { causesIn } from './stacks/causes.ts'
import { stackIn } from './stacks/fields.ts'
import { familyOf, isOwn } from './stacks/own-code.ts'
import { panicIn } from './stacks/panics.ts'
import type { Thrown } from './stacks/thrown.ts'
import { tracebacksIn } from './stacks/tracebacks.ts'

export interface LoggedException {
  /** as java.lang.IllegalStateException, TypeError, panic */
  type: string
  message: string
  /** the first own frame of this exception; absent where no stack was logged, or only libraries are in it */
  frame?: string
  /** type of what caused it, where only libraries are in the stack of that */
  cause?: string
}

const HINT = /Exception|Error|Throwable|Interrupt|panic|fatal error|Traceback|\.go:\d/

/** Where one caused another the first cause counts, or the first of those behind it that has an own frame. */
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

/** Of a driver nobody knows by name, the code that also threw the last exception tells which is whose. */
function ownFrame({ frames }: Thrown, families: ReadonlySet<string | undefined>): string | undefined {
  const own = frames.filter(isOwn)
  return own.find((frame) => families.has(familyOf(frame))) ?? own[0]
}

/** Something indented on a line of its own; a path of Windows is none. */
const WRITTEN_OUT = /\\n(?:\\t| )/
const SIGNS = { n: '\n', t: '\t', '"': '"' }

/** A stack on one line: as a field of JSON, or with its line breaks written out. */
function unfolded(text: string): string {
  if (text.includes('\n')) return text
  if (text.startsWith('{')) {
    try {
      const stack = stackIn(JSON.parse(text) as Record<string, unknown>)
      if (stack !== undefined) return stack
    } catch {
      // no JSON after all: read as text
    }
  }
  return WRITTEN_OUT.test(text) ? text.replace(/\\([nt"])/g, (_, sign: keyof typeof SIGNS) => SIGNS[sign]) : text
}
