/** Traces from a live server, through any of the protocols. */
import type { Span } from '../../../analysis/observations.ts'
import { cutMessage, LONGEST_MESSAGE } from '../../../recording/log-lines.ts'
import { answer, type Ran } from '../answer.ts'
import { namedIn } from '../named.ts'
import { bounded } from '../question.ts'
import type { CallContext, TracesQuery, TracesTool } from '../tools.ts'
import { DEFAULT_LIMIT, sampleTraces } from './sample.ts'
import type { TraceSource } from './source.ts'
import { notes, summaries } from '../notes.ts'

export interface LiveTracesOptions {
  source: TraceSource
  /** a service's name in the traces, where it differs */
  names?: Readonly<Record<string, string>>
}

/** Services listed in a query's text. */
const SHOWN = 20

export const liveTraces = (options: LiveTracesOptions): TracesTool => ({
  traces: (query, context) => {
    const about = query.services === undefined ? 'any traces' : `traces through ${query.services.join(', ')}`
    return answer({ tool: options.source.tool, operation: 'traces', query: about, range: query.range }, (ran) =>
      bounded(context, (own) => tracesOf(query, options, own, ran)),
    )
  },
})

async function tracesOf(
  { services, range, baseline, limit = DEFAULT_LIMIT }: TracesQuery,
  { source, names = {} }: LiveTracesOptions,
  context: CallContext,
  ran: Ran,
) {
  const told = services?.map((name) => namedIn(names, name)) ?? null
  const link = source.link(told, range)
  const searches = await source.searches(told, context)
  if (searches.length === 0) return { data: null, link, summary: `${source.tool} knows ${services === undefined ? 'no service' : 'none of the services'}` } // prettier-ignore
  const queries = searches.slice(0, SHOWN).map((search) => search.query(range, limit))
  const left = searches.length - queries.length
  ran({ query: [...queries, ...(left > 0 ? [`… and ${left} more`] : [])].join('\n'), link })
  const parts = await Promise.all(
    [...(baseline === undefined ? [] : [baseline]), range].map((part) => sampleTraces(searches, part, limit, context)),
  )
  const warnings = [...new Set(parts.flatMap((part) => part.warnings))]
  // where the baseline overlaps the range, both contain the trace
  const traces = [...new Map(parts.flatMap((part) => part.traces).map((spans) => [spans[0]?.traceId, spans])).values()]
  const incomplete = parts.some((part) => part.incomplete)
  if (traces.length === 0) return { warnings, incomplete, data: null, summary: summaries.noTraces() }
  const rename = renaming(services ?? [], names, source)
  const spans = traces.flat().map((span): Span => ({ ...span, service: rename(span.service), name: cutMessage(span.name) })) // prettier-ignore
  const cut = traces.flat().filter(({ name }) => name.length > LONGEST_MESSAGE).length
  return {
    warnings: [...warnings, ...(cut === 0 ? [] : [notes.longSpanNames(cut, LONGEST_MESSAGE)])],
    incomplete,
    data: { spans, traces: traces.length },
    summary: summaries.traces(traces.length, spans.length),
  }
}

/** Maps a span's service name back to the requested name. */
function renaming(services: readonly string[], names: Readonly<Record<string, string>>, source: TraceSource) {
  const same = source.sameName ?? ((asked: string, told: string) => asked === told)
  const ours = new Set([...services, ...Object.keys(names)])
  const known = new Map<string, string>()
  return (told: string): string => {
    const name = known.get(told) ?? [...ours].find((one) => same(namedIn(names, one), told)) ?? told
    known.set(told, name)
    return name
  }
}
