/**
 * How bad a line is, from its level (the names of RFC 5424 and log4j) and its words. The level counts first: services often report trouble
 * as information.
 */
export type LogSeverity = 'critical' | 'warning' | 'info'

const FATAL_LEVEL = /^(?:f|fatal|crit(?:ical)?|emerg(?:ency)?|alert|panic|severe)$/i
const ERROR_LEVEL = /^(?:e|err(?:or)?)$/i
const WARNING_LEVEL = /^(?:w|warn(?:ing)?)$/i

/** What no service survives, whatever level it is told at. */
const CRITICAL = /\b(?:OOMKill\w*|out of memory|OutOfMemoryError|panic:|segfault|segmentation fault|no space left|deadlock\w*|CrashLoopBackOff|core dumped|killed process|corrupt(?:ed|ion)?)\b/i // prettier-ignore
const TROUBLE = /\b(?:errors?|exceptions?|\w+(?:Exception|Error)|fail(?:ed|ure|s)?|fatal|refused|time(?:d )?[- ]?outs?|unavailable|unreachable|denied|rejected|abort(?:ed)?|cannot|could not|unable|not found|no instances|reset by peer|broken pipe|circuit breaker|5\d\d (?:internal|bad|service|gateway))\b/i // prettier-ignore

export function severityOf(level: string | undefined, message: string): LogSeverity {
  if (CRITICAL.test(message) || (level !== undefined && FATAL_LEVEL.test(level))) return 'critical'
  if (level !== undefined && ERROR_LEVEL.test(level)) return 'critical'
  if (level !== undefined && WARNING_LEVEL.test(level)) return 'warning'
  return TROUBLE.test(message.slice(0, 2_000)) ? 'warning' : 'info'
}

/** The level a line of text names itself, near its start, where nothing else tells it. */
export function levelIn(message: string): string | undefined {
  return /(?:^|[\s[|"=])(FATAL|CRITICAL|PANIC|ERROR|WARN(?:ING)?|INFO|DEBUG|TRACE)(?:[\s\]|":,]|$)/.exec(
    message.slice(0, 200),
  )?.[1]
}
