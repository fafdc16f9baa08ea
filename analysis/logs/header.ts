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
