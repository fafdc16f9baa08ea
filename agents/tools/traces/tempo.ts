/** Traces from Grafana Tempo: found with TraceQL, then read in full. */
import { z } from 'zod'
import { items } from '../../../recording/items.ts'
import type { TimeRange } from '../../../analysis/observations.ts'
import { parsed } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import { nanoInstant, toMs } from '../nanoseconds.ts'
import { quoted } from '../prometheus/promql.ts'
import type { CallContext } from '../tools.ts'
import { resourceSpans, spansOf } from './otlp.ts'
import { type FoundTrace, pageOf, type ReadTrace, type TraceSearch, type TraceSource } from './source.ts'
import { notes } from '../notes.ts'

export interface TempoOptions {
  /** Grafana's address; absent: no link */
  externalUrl?: string
  /** uid of its data source; absent: the default one */
  datasource?: string
}

const searched = z.looseObject({
  traces: items(z.looseObject({ traceID: z.string(), startTimeUnixNano: nanoInstant.nullish() })).nullish(),
})
const first = z.looseObject({ batches: resourceSpans.nullish(), resourceSpans: resourceSpans.nullish() })
const second = z.looseObject({ trace: first.nullish(), status: z.string().nullish(), message: z.string().nullish() })

export const tempo = (http: Http, { externalUrl, datasource }: TempoOptions = {}): TraceSource => {
  const read = reader(http)
  return {
    tool: 'tempo',
    searches: (services) => Promise.resolve([searchFor(http, traceqlOf(services), read)]),
    link(services, range) {
      if (externalUrl === undefined) return null
      const pane = {
        ...(datasource === undefined ? {} : { datasource }),
        queries: [{ refId: 'A', queryType: 'traceql', query: traceqlOf(services) }],
        range: { from: String(Math.floor(range.start)), to: String(Math.ceil(range.end)) },
      }
      return pageOf(externalUrl, 'explore', { schemaVersion: '1', panes: JSON.stringify({ traces: pane }) })
    },
  }
}

const traceqlOf = (services: readonly string[] | null): string =>
  services === null ? '{}' : `{ ${services.map((name) => `resource.service.name = ${quoted(name)}`).join(' || ')} }`

type Read = (id: string, context: CallContext) => Promise<ReadTrace>

function searchFor(http: Http, q: string, read: Read): TraceSearch {
  // both ends are rounded down, so adjacent ranges leave no gap; a trace that begins after the end would use up the limit
  const seconds = ({ start, end }: TimeRange) => {
    const from = Math.floor(start / 1000)
    return { start: from, end: Math.max(from + 1, Math.floor(end / 1000)) }
  }
  return {
    query: (range, limit) => `${q} start=${seconds(range).start} end=${seconds(range).end} limit=${limit}`,
    async run(range, limit, context) {
      // one span is enough to identify the trace
      const body = await http.json({ path: 'api/search', query: { q, ...seconds(range), limit, spss: 1 } }, context)
      const found = (parsed(searched, 'the traces Tempo found', body).traces ?? []).map((one): FoundTrace => {
        // Tempo drops leading zeros of an id
        const id = one.traceID.toLowerCase().padStart(32, '0')
        // Tempo-compatible servers may leave out the start: no trace is from 1970
        const start = toMs(one.startTimeUnixNano ?? 0) || null
        return { id, start, read: () => read(id, context) }
      })
      return { found }
    },
  }
}

/** Uses v2 of the API, which says when a trace is incomplete; v1 on older servers. */
function reader(http: Http): Read {
  let older = false
  return async (id, context) => {
    if (!older) {
      const body = await orNull(http.json({ path: `api/v2/traces/${id}` }, context))
      if (body !== null) {
        const { trace, status, message } = parsed(second, 'a Tempo trace', body)
        const spans = spansOf(trace?.resourceSpans ?? trace?.batches ?? [])
        const partial =
          status === 'PARTIAL' ? [`Tempo returned some traces only in part: ${message || 'no reason'}`] : []
        return { spans, warnings: [...partial, ...(spans.length === 0 ? [GONE] : [])] }
      }
    }
    const body = await orNull(http.json({ path: `api/traces/${id}` }, context))
    if (body === null) return { spans: [], warnings: [GONE] }
    older = true
    const { batches, resourceSpans } = parsed(first, 'a Tempo trace', body)
    return { spans: spansOf(batches ?? resourceSpans ?? []) }
  }
}

const GONE = notes.goneTraces()

/** Null on 404. Neither version says whether the trace or the endpoint is missing. */
async function orNull(answer: Promise<unknown>): Promise<unknown> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return null
    throw error
  }
}
