import type { LogLine } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import { answerOf } from '../log-answer.ts'
import { templatesOf } from '../log-templates.ts'
import type { LogEntry, LogsTool } from '../tools.ts'
import type { RecordingSource } from './source.ts'

const DEFAULT_LIMIT = 5000

export const recordedLogs = (source: RecordingSource): LogsTool => ({
  logs: ({ service, level, pattern, range, baseline, limit = DEFAULT_LIMIT }) =>
    answer({ tool: 'loki', operation: 'logs', query: queryOf(service, level, pattern), range }, async () => {
      const { observations } = await source.read()
      const start = Math.min(range.start, baseline?.start ?? range.start)
      const found = observations.logs.filter(
        (line) =>
          line.service === service &&
          line.timestamp >= start &&
          line.timestamp <= range.end &&
          (level === undefined || line.level?.toLowerCase() === level.toLowerCase()) &&
          (pattern === undefined || line.message.includes(pattern)),
      )
      if (found.length === 0) return { data: null, summary: `no lines of ${service} in that time` }
      const lines = found.slice(-limit).map(entry)
      const cut = found.length - lines.length
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
