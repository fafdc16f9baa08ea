/** Stack traces whose frames start with `at` (Java, .NET, Node), with their causes; root cause first. */
import { namedIn, type Thrown } from './thrown.ts'

const CAUSE = /^\s*(?:Caused by:|--->|\[cause\]:)\s*\[?(?:\(Inner Exception #\d+\)\s*)?(.*)/
/** Logback can print the root cause first. */
const WRAPPED = /^\s*Wrapped by:\s*(.*)/
/** .NET prints the innermost exception first; what follows belongs to the outer ones. */
const INNERMOST_ENDS = '--- End of inner exception stack trace ---'
const TYPE = /^([\w.$+`]+)(?: \(0x[\dA-Fa-f]{1,16}\))?(?::\s+(.*))?/
const FRAME = /^\s*at\s+(?:async\s+)?(\S.*)/
/** The number of frames shared with the enclosing exception. */
const COMMON = /^\s*\.\.\. (\d+) (?:more|common)/

interface Section extends Thrown {
  frames: string[]
}

/** Empty: no exception. */
export function causesIn(lines: readonly string[]): Thrown[] {
  const unfolded = lines.flatMap((line) => (line.includes(' ---> ') ? line.split(/ (?=---> )/) : [line]))
  const outer = headOf(unfolded)
  const chain: Section[] = outer === null ? [] : [outer]
  let current = outer
  for (const line of withoutSuppressed(unfolded)) {
    if (line.includes(INNERMOST_ENDS)) break
    const [cause, wrapper] = [CAUSE.exec(line)?.[1], WRAPPED.exec(line)?.[1]]
    const frame = FRAME.exec(line)?.[1]
    if (cause !== undefined) chain.unshift((current = sectionOf(cause)))
    else if (wrapper !== undefined) chain.push((current = sectionOf(wrapper)))
    else if (frame !== undefined) current?.frames.push(frame.trimEnd().replace(/ \{$/, ''))
    else if (current !== null && COMMON.test(line)) {
      current.frames = current.frames.concat(commonFrames(line, chain[1]))
      // the last line of this section
      current = null
    }
  }
  return chain
}

/** The exception named before the first frame or cause. */
function headOf(lines: readonly string[]): Section | null {
  const end = lines.findIndex((line) => FRAME.test(line) || CAUSE.test(line) || WRAPPED.test(line))
  const named = namedIn(lines.slice(0, end < 0 ? lines.length : end).join('\n'))
  return named === null ? null : { ...named, frames: [] }
}

function sectionOf(text: string): Section {
  const [, type = '', message = ''] = TYPE.exec(text) ?? []
  return { type, message: message.trim(), frames: [] }
}

function commonFrames(line: string, around: Section | undefined): string[] {
  const count = Number(COMMON.exec(line)?.[1] ?? 0)
  // shared frames are always fewer than all frames; otherwise the enclosing stack was truncated
  return around === undefined || count === 0 || count >= around.frames.length ? [] : around.frames.slice(-count)
}

/** Skips suppressed exceptions, which are indented together with their causes. */
function* withoutSuppressed(lines: readonly string[]): Generator<string> {
  let depth = Infinity
  for (const line of lines) {
    const indent = line.length - line.trimStart().length
    if (/^\s+Suppressed: /.test(line)) depth = Math.min(depth, indent)
    else if (indent < depth) {
      depth = Infinity
      yield line
    }
  }
}
