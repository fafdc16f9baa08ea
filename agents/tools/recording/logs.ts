import type { LogLine } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { answerOf } from '../log-answer.ts'
import { templatesOf } from '../log-templates.ts'
import type { LogEntry, LogsTool } from '../tools.ts'
import { byService, type RecordingSource } from './source.ts'

const DEFAULT_LIMIT = 5000

export const recordedLogs = (source: RecordingSource): LogsTool => ({
  logs: ({ service, level, pattern, range, baseline, limit = DEFAULT_LIMIT }) =>
    answer({ tool: 'loki', operation: 'logs', query: queryOf(service, level, pattern), range }, async () => {
      const recorded = byService(await source.read()).logs.get(service) ?? []
      const matching = recorded.filter(
        (line) =>
          (level === undefined || line.level?.toLowerCase() === level.toLowerCase()) &&
          (pattern === undefined || line.message.includes(pattern)),
      )
      // each part has its own limit, so that a flood during the incident does not push out what was said before
      const parts = [...(baseline === undefined ? [] : [baseline]), range].map(({ start, end }) =>
        matching.filter((line) => line.timestamp >= start && line.timestamp < end),
      )
      const lines = parts.flatMap((part) => part.slice(-limit)).map(entry)
      if (lines.length === 0) return { data: null, summary: `no lines of ${service} in that time` }
      const cut = parts.reduce((sum, part) => sum + Math.max(0, part.length - limit), 0)
      return {
        data: { ...answerOf(lines), templates: templatesOf(lines, range, baseline) },
        summary: `${lines.length} lines of ${service}`,
        warnings: cut === 0 ? [] : [`${cut} older lines were left out`],
      }
    }),
})

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
