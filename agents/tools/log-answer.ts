/** Summarizes log lines of any source: counts by level, and critical patterns that matter for every service. */
import type { LogEntry, LogsAnswer } from './tools.ts'

const CRITICAL: readonly { kind: string; pattern: RegExp }[] = [
  { kind: 'out_of_memory', pattern: /OOMKilled|OutOfMemory|out of memory|heap limit/i },
  { kind: 'panic', pattern: /\bpanic:|segmentation fault|\bSIGSEGV\b|fatal error/i },
  { kind: 'connection', pattern: /ECONNREFUSED|ECONNRESET|connection (?:refused|reset)|no route to host/i },
  { kind: 'timeout', pattern: /timed? ?out|deadline exceeded|ETIMEDOUT/i },
  { kind: 'disk', pattern: /no space left|ENOSPC|read-only file system/i },
]

export function answerOf(lines: LogEntry[]): Omit<LogsAnswer, 'templates'> {
  const levels = new Map<string, number>()
  for (const { level } of lines) {
    const name = level?.toLowerCase() ?? 'unknown'
    levels.set(name, (levels.get(name) ?? 0) + 1)
  }
  const critical = CRITICAL.map(({ kind, pattern }) => {
    const matching = lines.filter((line) => pattern.test(line.message))
    return { kind, count: matching.length, example: matching[0]?.message.slice(0, 300) ?? '' }
  }).filter(({ count }) => count > 0)
  return { lines, levels: Object.fromEntries(levels), critical }
}
