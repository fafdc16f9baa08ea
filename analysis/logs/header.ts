/**
 * Normalises the header of a log line: thread names, wrappers of container runtimes, colours.
 */

const LEVEL_THEN_THREAD = /^.{0,60}?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE)\b[ \t]*\[/
const THREAD_THEN_LEVEL =
  /^[^[]{10,40}\[(?=[^\]]*\]+[ \t]+(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE)\b)/

/**
 * Replaces the bracketed thread name next to the level by a constant, as it does not belong to the template. Lines in other layouts than
 * those of log4j, logback and java.util.logging are returned unchanged.
 */
export function withoutThread(line: string): string {
  const open = (LEVEL_THEN_THREAD.exec(line) ?? THREAD_THEN_LEVEL.exec(line))?.[0].length
  if (open === undefined) return line
  let depth = 1
  for (let at = open; at < Math.min(line.length, open + 200); at += 1) {
    const character = line[at]
    if (character === '[') depth += 1
    else if (character === ']') depth -= 1
    if (depth === 0) return `${line.slice(0, open)}0${line.slice(at)}`
  }
  return line
}

/** Prefixes that a container runtime (CRI), Docker Compose or syslog put before the program's own line. */
const CRI = /^\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /
const COMPOSE = /^[a-z0-9][\w.-]{0,62} {1,40}\| (?=\{)/
const SYSLOG =
  /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,255} [\w./-]{1,64}(?:\[\d{1,10}\])?: (?=\{)/

/** The line without such a prefix. */
export function withoutWrapper(line: string): string {
  const before = CRI.exec(line) ?? COMPOSE.exec(line) ?? SYSLOG.exec(line)
  return before === null ? line : line.slice(before[0].length)
}

/** Colours and other control sequences (ECMA-48), raw or as escaped by syslog and JSON. */
const CONTROLS =
  /(?:\u001b\[|\u009b|#033\[|\^\[\[|\\u001b\[|\\x1b\[|\\033\[)[0-9;:?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/gi
const BEGINNINGS = ['\u001b', '\u009b', '#033[', '^[[', '\\u001b[', '\\x1b[', '\\033[', '\\u001B[', '\\x1B[']

/** The text without colours. */
export const withoutColours = (text: string): string =>
  BEGINNINGS.some((one) => text.includes(one)) ? text.replace(CONTROLS, '') : text
