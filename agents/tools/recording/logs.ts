import type { LogLine, TimeRange } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { answerOf } from '../log-answer.ts'
import { DEFAULT_LIMIT, slicesOf, spread } from '../log-limit.ts'
import { templatesOf } from '../log-templates.ts'
import type { LogEntry, LogsTool } from '../tools.ts'
import { byService, isElsewhere, unreadOf, type RecordingSource } from './source.ts'
import { notes, summaries } from '../notes.ts'

export const recordedLogs = (source: RecordingSource): LogsTool => ({
  logs: ({ service, level, pattern, range, baseline, limit = DEFAULT_LIMIT, ...place }) =>
    answer({ tool: 'recording', operation: 'logs', query: queryOf(service, level, pattern), range }, async () => {
      const recording = await source.read()
      const recorded = isElsewhere(source, place) ? [] : (byService(recording).logs.get(service) ?? [])
      const unread = unreadOf(recording, 'logs.jsonl')
      const matching = recorded.filter(
        (line) =>
          (level === undefined || line.level?.toLowerCase() === level.toLowerCase()) &&
          (pattern === undefined || line.message.includes(pattern)),
      )
      const parts = [...(baseline === undefined ? [] : [baseline]), range].map((part) =>
        taken(matching, part, limit, baseline !== undefined),
      )
      const lines = parts.flatMap((part) => part.lines).map(entry)
      if (lines.length === 0) return { data: null, summary: summaries.noLines(service), warnings: unread }
      return {
        data: { ...answerOf(lines), templates: templatesOf(lines, range, baseline) },
        summary: summaries.lines(lines.length, service),
        warnings: [...unread, ...new Set(parts.flatMap(({ warnings }) => warnings))],
      }
    }),
})

const within = (lines: readonly LogLine[], { start, end }: TimeRange): readonly LogLine[] =>
  lines.filter(({ timestamp }) => timestamp >= start && timestamp < end)

/** Each part has its own limit, so that a flood during the incident does not push out the baseline's lines. */
function taken(matching: readonly LogLine[], range: TimeRange, limit: number, compared: boolean) {
  const lines = within(matching, range)
  if (lines.length <= limit) return { lines, warnings: [] }
  if (!compared) return { lines: lines.slice(-limit), warnings: [notes.olderLines(lines.length - limit)] }
  const thinned = slicesOf(range, limit).flatMap((slice) => within(lines, slice.range).slice(-slice.limit))
  return { lines: thinned, warnings: [spread(limit)] }
}

const queryOf = (service: string, level: string | undefined, pattern: string | undefined): string =>
  ['logs.jsonl', `service=${service}`, level && `level=${level}`, pattern && `contains=${JSON.stringify(pattern)}`]
    .filter(Boolean)
    .join(' ')

const entry = ({ timestamp, service, instance, level, message, traceId }: LogLine): LogEntry => ({
  timestamp,
  service,
  ...(instance === undefined ? {} : { instance }),
  ...(level === undefined ? {} : { level }),
  message,
  ...(traceId === undefined ? {} : { traceId }),
})
