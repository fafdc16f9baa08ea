import type { Span, TimeRange } from '../../../analysis/observations.ts'
import { answer } from '../answer.ts'
import type { TracesTool } from '../tools.ts'
import { unreadOf, type RecordingSource } from './source.ts'
import { notes, summaries } from '../notes.ts'

const DEFAULT_LIMIT = 500

/** Complete recorded traces. A trace belongs to the time at which its first span began. */
export const recordedTraces = (source: RecordingSource): TracesTool => ({
  traces: ({ services, range, baseline, limit = DEFAULT_LIMIT }) =>
    answer({ tool: 'recording', operation: 'traces', query: queryOf(services), range }, async () => {
      const recording = await source.read()
      const { spans } = recording.observations
      const unread = unreadOf(recording, 'traces.jsonl')
      const asked = services === undefined ? null : new Set(services)
      const passing = [...Map.groupBy(spans, ({ traceId }) => traceId).values()].filter(
        (trace) => asked === null || trace.some(({ service }) => asked.has(service)),
      )
      const parts = [...(baseline === undefined ? [] : [baseline]), range].map((part) => taken(passing, part, limit))
      const traces = parts.flatMap((part) => part.traces)
      if (traces.length === 0) return { data: null, summary: summaries.noTraces(), warnings: unread }
      return {
        data: { spans: traces.flat(), traces: traces.length },
        summary: summaries.recordedTraces(traces.length),
        warnings: [...unread, ...parts.flatMap(({ warnings }) => warnings)],
      }
    }),
})

const queryOf = (services: readonly string[] | undefined): string =>
  `traces.jsonl${services === undefined ? '' : ` service=${services.join('|')}`}`

/** Samples evenly in time order if there are too many. */
function taken(traces: readonly Span[][], { start, end }: TimeRange, limit: number) {
  const inside = traces.filter(([first]) => first !== undefined && first.start >= start && first.start < end)
  if (inside.length <= limit) return { traces: inside, warnings: [] }
  const every = inside.length / limit
  const chosen = Array.from({ length: limit }, (_, index) => inside[Math.floor(index * every)] ?? [])
  return { traces: chosen, warnings: [notes.sampledRecordedTraces(limit, inside.length)] }
}
