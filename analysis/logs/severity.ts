/**
 * The severity of a line, from its level (names of RFC 5424 and log4j) and its words. The words can only raise it: services often log errors
 * at level info.
 */
export type LogSeverity = 'critical' | 'warning' | 'info'

const FATAL_LEVEL = /^(?:f|fatal|crit(?:ical)?|emerg(?:ency)?|alert|panic|severe)$/i
const ERROR_LEVEL = /^(?:e|err(?:or)?)$/i
const WARNING_LEVEL = /^(?:w|warn(?:ing)?)$/i

/** Words that are critical at any level. */
const CRITICAL = /\b(?:OOMKill\w*|out of memory|OutOfMemoryError|panic(?=:| serving )|panicked at|segfault|segmentation fault|no space left|deadlock\w*|CrashLoopBackOff|core dumped|killed process|corrupt(?:ed|ion)?)\b/i // prettier-ignore
const TROUBLE = /\b(?:errors?|exceptions?|\w+(?:Exception|Error)|fail(?:ed|ure|s)?|fatal|refused|time(?:d )?[- ]?outs?|unavailable|unreachable|denied|rejected|abort(?:ed)?|cannot|could not|unable|not found|no instances|reset by peer|broken pipe|circuit breaker|5\d\d (?:internal|bad|service|gateway))\b/i // prettier-ignore

export function severityOf(level: string | undefined, message: string): LogSeverity {
  if (CRITICAL.test(message) || (level !== undefined && FATAL_LEVEL.test(level))) return 'critical'
  if (level !== undefined && ERROR_LEVEL.test(level)) return 'critical'
  if (level !== undefined && WARNING_LEVEL.test(level)) return 'warning'
  return TROUBLE.test(message.slice(0, 2_000)) ? 'warning' : 'info'
}

const NAMES =
  'fatal|critical|crit|panic|emerg(?:ency)?|alert|severe|error|err|fail|warn(?:ing)?|notice|info(?:rmation)?|debug|dbug|trace|trce'
/** A word of its own in capitals. */
const CAPITALS =
  /(?:^|[\s[|"=])(FATAL|CRITICAL|CRIT|PANIC|SEVERE|ERROR|ERR|WARN(?:ING)?|NOTICE|INFO|DEBUG|TRACE)(?:[\s\]|":,]|$)/
/** In brackets, in any case (nginx, MySQL, spdlog). */
const BRACKETED = new RegExp(`\\[ {0,4}(${NAMES}) {0,4}\\]`, 'i')
/** The first word after a timestamp, or at the start with a colon (.NET). */
const BEHIND_INSTANT = new RegExp(`^[^A-Za-z]{0,10}\\d[\\dTZ\\s:.,+/\\[\\]()|-]{4,60}(${NAMES})[\\s:|,]`, 'i')
const BEFORE_COLON = new RegExp(`^(${NAMES}):\\s`)
/** `E0612 08:00:01.385780` (klog, glog) */
const KLOG = /^([IWEF])\d{4} \d\d:\d\d:\d\d/
/** Syslog priority; its last three bits are the severity. */
const PRIORITY = /^<(\d{1,3})>/
const BY_PRIORITY = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug']
const SHORT = new Map(Object.entries({ I: 'INFO', W: 'WARN', E: 'ERROR', F: 'FATAL', fail: 'error', dbug: 'debug', trce: 'trace', information: 'info' })) // prettier-ignore

/** The level named near the start of the line; undefined: none. */
export function levelIn(message: string): string | undefined {
  const start = message.slice(0, 200)
  const priority = PRIORITY.exec(start)?.[1]
  if (priority !== undefined && Number(priority) < 192) return BY_PRIORITY[Number(priority) % 8]
  const named = [CAPITALS, KLOG, BRACKETED, BEHIND_INSTANT, BEFORE_COLON].map((one) => one.exec(start)?.[1]).find((one) => one !== undefined) // prettier-ignore
  return named === undefined ? undefined : (SHORT.get(named) ?? SHORT.get(named.toLowerCase()) ?? named)
}
