/**
 * A line of text as a program wrote it: when, how bad, which thread, what (the layouts of log4j, logback and java.util.logging).
 */

const LEVEL_THEN_THREAD = /^.{0,60}?\b(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE)\b[ \t]*\[/
const THREAD_THEN_LEVEL =
  /^[^[]{10,40}\[(?=[^\]]*\]+[ \t]+(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|SEVERE)\b)/

/**
 * Which thread wrote a line says nothing about its kind: the bracketed name beside the level becomes a value. Lines that are
 * not of this common form (log4j, logback, java.util.logging) stay as they are.
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

/** As a container runtime (CRI), compose or syslog put it before what the program said. */
const CRI = /^\d{4}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d) (?:stdout|stderr) [FP] /
const COMPOSE = /^[a-z0-9][\w.-]{0,62} {1,40}\| (?=\{)/
const SYSLOG =
  /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]{1,255} [\w./-]{1,64}(?:\[\d{1,10}\])?: (?=\{)/

/** What the program itself wrote. */
export function withoutWrapper(line: string): string {
  const before = CRI.exec(line) ?? COMPOSE.exec(line) ?? SYSLOG.exec(line)
  return before === null ? line : line.slice(before[0].length)
}

/** Colours and the like (ECMA-48), as they are or as syslog and JSON write their first character. */
const CONTROLS =
  /(?:\u001b\[|\u009b|#033\[|\^\[\[|\\u001b\[|\\x1b\[|\\033\[)[0-9;:?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/gi
const BEGINNINGS = ['\u001b', '\u009b', '#033[', '^[[', '\\u001b[', '\\x1b[', '\\033[', '\\u001B[', '\\x1B[']

/** A coloured line is the plain one to every analysis. */
export const withoutColours = (text: string): string =>
  BEGINNINGS.some((one) => text.includes(one)) ? text.replace(CONTROLS, '') : text
