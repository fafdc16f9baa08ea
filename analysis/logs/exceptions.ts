/** Exceptions in log lines, with the first frame of their stack that is the service's own code (what the project Sentry calls `in_app`). */
import type { LogLine } from '../observations.ts'

export interface LoggedException {
  /** as java.lang.IllegalStateException, TypeError, panic */
  type: string
  message: string
  /** the first own frame; absent where no stack was logged, or only libraries are in it */
  frame?: string
}

const TYPE = /(?:^|[\s:[(])((?:[a-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Interrupt))(?::\s*([^\n]*))?/
const PANIC = /(?:^|\s)(panic):\s*([^\n]*)/
const FRAME =
  /^\s*(?:at\s+(?:async\s+)?(?<at>\S.*)|File "(?<file>[^"]+)", line (?<line>\d+)(?:, in (?<name>\S+))?\r?$|(?<go>\S+\.go:\d+))/

/** Runtimes and frameworks: a frame of theirs says how code was called, not whose code failed. */
const LIBRARY =
  /^(?:java|javax|jakarta|jdk|sun|com\.sun|kotlin|scala|groovy|org\.(?:springframework|apache|hibernate|eclipse|jboss|glassfish|junit|slf4j)|io\.(?:netty|grpc|undertow|opentelemetry|micrometer|vertx)|reactor|rx|feign|okhttp3|com\.(?:zaxxer|fasterxml|google|netflix|mongodb|mysql|alibaba)|ch\.qos|System|Microsoft)\.|node:|node_modules|site-packages|dist-packages|\/usr\/lib\/|lib\/python|runtime\/|\$\$(?:FastClassBy|EnhancerBy|Lambda)|^<anonymous>|^native/

/** The last cause named counts: it is where the chain began. */
export function exceptionIn(text: string): LoggedException | null {
  if (!/Exception|Error|Throwable|Interrupt|panic/.test(text)) return null
  const causes = [...text.matchAll(/Caused by: ([^\n]*)/g)].at(-1)
  const from = causes?.index ?? 0
  const found = TYPE.exec(causes?.[1] ?? text) ?? PANIC.exec(text)
  if (found === null) return null
  const [, type = '', message = ''] = found
  const frame = ownFrame(text.slice(from)) ?? ownFrame(text)
  return { type, message: message.trim().slice(0, 300), ...(frame === undefined ? {} : { frame }) }
}

export function ownFrame(text: string): string | undefined {
  for (const line of text.split('\n')) {
    const groups = FRAME.exec(line)?.groups
    if (groups === undefined) continue
    const { at, file, line: number, name, go } = groups
    const frame = (at ?? (file === undefined ? go : `${file}:${number}${name === undefined ? '' : ` ${name}`}`))?.trim()
    if (frame !== undefined && frame !== '' && !LIBRARY.test(frame)) return frame
  }
  return undefined
}

const CONTINUED = /^(?:\s+at\s|Caused by:|\s*\.\.\. \d+ (?:more|common)|\s+File "|Traceback |\s{4,}\S)/

/**
 * Lines of a stack that came one by one are put behind the line they belong to: the last one of the same instance before
 * them that was not such a line itself.
 */
export function joinStacks(lines: readonly LogLine[]): LogLine[] {
  const joined: LogLine[] = []
  const heads = new Map<string, number>()
  for (const line of lines) {
    const source = `${line.service}\0${line.instance ?? ''}`
    const at = heads.get(source)
    const head = at === undefined ? undefined : joined[at]
    if (at !== undefined && head !== undefined && CONTINUED.test(line.message)) {
      if (head.message.length < 20_000) joined[at] = { ...head, message: `${head.message}\n${line.message}` }
      continue
    }
    heads.set(source, joined.push(line) - 1)
  }
  return joined
}
