/** The interface of a trace protocol: each queries its server and returns the analysis' spans. */
import type { Span, TimeRange } from '../../../analysis/observations.ts'
import type { CallContext } from '../tools.ts'

/** A trace returned by a search. */
export interface FoundTrace {
  /** the same for the same trace, whichever way the source writes it */
  id: string
  /** ms since the epoch at which its first span began; null: the search did not say */
  start: number | null
  read(): Promise<ReadTrace>
}

/** A complete trace, with the spans of all services. `warnings`: parts that could not be read. */
export interface ReadTrace {
  spans: Span[]
  warnings?: readonly string[]
}

/** One search; several together cover the requested services. */
export interface TraceSearch {
  /** the query in the source's language, for a whole range */
  query(range: TimeRange, limit: number): string
  /** at most `limit` traces of the range, in the source's own order; exactly `limit` may mean there are more */
  run(range: TimeRange, limit: number, context: CallContext): Promise<{ found: FoundTrace[]; warnings?: string[] }>
}

/** A trace protocol. Anything it throws becomes a `failed` answer. */
export interface TraceSource {
  tool: 'zipkin' | 'tempo' | 'jaeger'
  /** The searches that cover these services (null: any); empty if the source knows none of them. Names are the source's. */
  searches(services: readonly string[] | null, context: CallContext): Promise<TraceSearch[]>
  /** a page with the same traces; null: there is none */
  link(services: readonly string[] | null, range: TimeRange): string | null
  /** whether a span's service name means the requested service; default: equality */
  sameName?(asked: string, told: string): boolean
}

/** Where people open traces, if not at the API's address. */
export interface LinkOptions {
  externalUrl?: string
}

/** A URL below a base that may have a path. */
export function pageOf(base: string, path: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}
