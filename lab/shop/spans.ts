/** One span per request that a service answers; the calls it makes then are its children. */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'

export interface ShopSpan {
  traceId: string
  spanId: string
  /** null: the request began the trace */
  parentSpanId: string | null
  name: string
  method: string
  route: string
  status: number
  /** ms since the epoch */
  start: number
  end: number
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Reports a span for each request; `unmeasured` routes have none. */
export function reportSpans(app: FastifyInstance, unmeasured: ReadonlySet<string>, report: (span: ShopSpan) => void) {
  const begun = new WeakMap<object, Pick<ShopSpan, 'traceId' | 'spanId' | 'parentSpanId' | 'start'>>()
  app.addHook('onRequest', (request, _reply, done) => {
    const [, traceId = randomBytes(16).toString('hex'), parentSpanId = null, flags = '01'] =
      TRACEPARENT.exec(String(request.headers['traceparent'])) ?? []
    const spanId = randomBytes(8).toString('hex')
    begun.set(request, { traceId, spanId, parentSpanId, start: Date.now() })
    // what the release passes on to its dependencies
    request.headers['traceparent'] = `00-${traceId}-${spanId}-${flags}`
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const [span, route] = [begun.get(request), request.routeOptions.url ?? 'unknown']
    if (span !== undefined && !unmeasured.has(route)) {
      const { method } = request
      const end = span.start + reply.elapsedTime
      report({ ...span, name: `${method} ${route}`, method, route, status: reply.statusCode, end })
    }
    done()
  })
}
