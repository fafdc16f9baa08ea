/** What the protocols have in common: each asks its server in its own way and answers with spans as the analysis knows them. */
import type { Span, TimeRange } from '../../../analysis/observations.ts'
import type { CallContext } from '../tools.ts'

/** A trace that a search found. */
export interface FoundTrace {
  /** the same for the same trace, however the source wrote it */
  id: string
  /** ms since the epoch: when its first span began; null: the search did not say */
  start: number | null
  read(): Promise<ReadTrace>
}

/** The whole trace, whichever service was searched for. `warnings`: what of it could not be had. */
export interface ReadTrace {
  spans: Span[]
  warnings?: readonly string[]
}

/** One way to search; several together cover the services that were asked about. */
export interface TraceSearch {
  /** as the source understands it, for the whole of a range */
  query(range: TimeRange, limit: number): string
  /** at most `limit` traces of that time, whichever the source prefers; as many as that may mean that there are more */
  run(range: TimeRange, limit: number, context: CallContext): Promise<{ found: FoundTrace[]; warnings?: string[] }>
}

/** A protocol. Whatever it throws becomes the answer `failed`. */
export interface TraceSource {
  tool: 'zipkin' | 'tempo' | 'jaeger'
  /** The searches that cover these services (null: any); none where the source knows none of them. Names are the source's. */
  searches(services: readonly string[] | null, context: CallContext): Promise<TraceSearch[]>
  /** a page that shows the same to a person; null: there is none */
  link(services: readonly string[] | null, range: TimeRange): string | null
  /** whether a name in a span means the service that was asked about; default: the same name */
  sameName?(asked: string, told: string): boolean
}

/** Where people open what was found, when that is another address than the API's. */
export interface LinkOptions {
  externalUrl?: string
}

/** A page below a base that may have a path of its own. */
export function pageOf(base: string, path: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(path, base.endsWith('/') ? base : `${base}/`)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}
