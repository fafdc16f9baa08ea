/**
 * Concurrent sessions send the same queries. Each query goes to its source once, and the answer is shared: the same object, which nobody may change. A caller joins a
 * query that is in flight, or gets an answer that is as new as its request, however long the request has waited in a queue. Callers that waited get a failed or
 * incomplete answer too; the next caller queries again.
 */
import { LRUCache } from 'lru-cache'
import type { TimeRange } from '../../analysis/observations.ts'
import type { ToolResult } from '../runtime/tool-result.ts'
import { answer } from './answer.ts'
import type { CallContext, LogsAnswer, LogsQuery, LogsTool, MetricsAnswer, MetricsQuery, MetricsTool } from './tools.ts'
import { weightOf } from './weight.ts'

/** ms that a query may be older than the request it answers. Sources take a few seconds to show the newest samples and lines, so an older answer could lack some. */
const SHARED_MS = 10_000
/** The same for a time range that was not over when the query was sent: its newest data was still to come. */
const FRESH_MS = 2_000
/** The same for a time range that was over for `SETTLED_AFTER_MS` when the query was sent: by then sources show all of it. */
const SETTLED_MS = 300_000
const SETTLED_AFTER_MS = 30_000
/** ms that an answer is kept, if not for `SETTLED_MS`. A request that has waited longer gets a newer one. */
const KEPT_MS = 60_000
/** Answers of one source that are kept; a diagnosis of 50 services needs fifty. */
const MOST = 500
/** Bytes of their data. Redacted and in the form in which they are stored, they take about as much again. */
const MOST_BYTES = 48 * 1024 * 1024

export const sharedMetrics = (tool: MetricsTool, options: SharingOptions = {}): MetricsTool => {
  const share = sharing<MetricsQuery, MetricsAnswer>({ ...options, tool: 'prometheus', operation: 'golden-signals' })
  return {
    goldenSignals: (query, context) => share(query, context, (own) => tool.goldenSignals(upToNow(query), own)),
  }
}

export const sharedLogs = (tool: LogsTool, options: SharingOptions = {}): LogsTool => {
  const share = sharing<LogsQuery, LogsAnswer>({ ...options, tool: 'loki', operation: 'logs' })
  return { logs: (query, context) => share(query, context, (own) => tool.logs(upToNow(query), own)) }
}

/** A source asked about the future may repeat its last value there. */
const upToNow = <Query extends MetricsQuery | LogsQuery>(query: Query): Query => {
  const { start, end } = query.range
  return { ...query, range: { start, end: Math.max(start, Math.min(end, Date.now())) } }
}

export interface SharingOptions {
  sharedMs?: number
  freshMs?: number
  settledMs?: number
  mostBytes?: number
}

interface Call<T> {
  /** ms since the epoch: once it is settled, it is new enough for requests made until then */
  newFor: number
  result: Promise<ToolResult<T>>
  /** number of callers waiting for it */
  waiting: number
  settled: boolean
  stop: AbortController
}

function sharing<Query extends { service: string; range: TimeRange }, T>({
  tool,
  operation,
  sharedMs = SHARED_MS,
  freshMs = FRESH_MS,
  settledMs = SETTLED_MS,
  mostBytes = MOST_BYTES,
}: SharingOptions & { tool: string; operation: string }) {
  const calls = new LRUCache<string, Call<T>>({ max: MOST, maxSize: mostBytes, ttlAutopurge: true })
  const sharedFor = (end: number): { olderMs: number; keptMs: number } => {
    const ago = Date.now() - end
    if (ago >= SETTLED_AFTER_MS) return { olderMs: settledMs, keptMs: settledMs }
    return { olderMs: ago < 0 ? Math.min(freshMs, sharedMs) : sharedMs, keptMs: KEPT_MS }
  }

  function begin(
    key: string,
    { range }: Query,
    context: CallContext,
    ask: (own: CallContext) => Promise<ToolResult<T>>,
  ): Call<T> {
    const stop = new AbortController()
    const began = performance.now()
    const { olderMs, keptMs } = sharedFor(range.end)
    const settle = (whole: ToolResult<T> | null) => {
      call.settled = true
      if (calls.peek(key) !== call) return
      const left = keptMs - (performance.now() - began)
      // the size of a known value would not change
      calls.delete(key)
      if (whole !== null && left > 0) calls.set(key, call, { ttl: left, size: weightOf(whole) })
    }
    const result = ask({ ...context, signal: stop.signal }).then(
      (found) => {
        settle(found.status === 'failed' || found.incomplete ? null : found)
        return found
      },
      (error: unknown) => {
        settle(null)
        throw error
      },
    )
    const call: Call<T> = { newFor: Date.now() + olderMs, result, waiting: 0, settled: false, stop }
    // does not expire while the query is in flight
    calls.set(key, call, { ttl: 0, size: 1 })
    return call
  }

  return async (query: Query, context: CallContext, ask: (own: CallContext) => Promise<ToolResult<T>>) => {
    // sources may separate tenants
    const key = JSON.stringify([context.tenant ?? null, query])
    const known = calls.get(key)
    const requested = Math.min(context.requestedAt ?? Infinity, Date.now())
    const isShared = known !== undefined && (!known.settled || requested <= known.newFor)
    const call = isShared ? known : begin(key, query, context, ask)
    const leaving = gone(context.signal)
    call.waiting++
    try {
      return await Promise.race([call.result, leaving.gone])
    } catch (error) {
      const asked = { tool, operation, query: `${operation} of ${query.service}`, range: query.range }
      return answer<T>(asked, () => Promise.reject(error as Error))
    } finally {
      leaving.forget()
      call.waiting--
      if (call.waiting === 0 && !call.settled) {
        if (calls.peek(key) === call) calls.delete(key)
        call.stop.abort(new Error('nobody waits for the answer any more'))
      }
    }
  }
}

/** Rejects when one caller gives up; the others still wait. */
function gone(signal: AbortSignal): { gone: Promise<never>; forget(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'))
  if (signal.aborted) leave()
  else signal.addEventListener('abort', leave, { once: true })
  return { gone: promise, forget: () => signal.removeEventListener('abort', leave) }
}
