/** What every service of the shop stands on: routes, metrics, structured logs, calls to its dependencies. */
import { setTimeout as delay } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { pino, type Logger } from 'pino'
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { DependencyError, type Call } from './dependencies.ts'

/** What a release gets to build its routes with. */
export interface ShopContext {
  log: Logger
  /** asks another service; `trace` continues the request it is made for */
  call: Call
}

/** A release adds its routes to the service. */
export type Release = (app: FastifyInstance, context: ShopContext) => void

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, 1, 1.5, 2.5, 5]
const unmeasured = new Set(['/metrics', '/healthz'])

/** One JSON object a line on standard output, as a recording keeps them. */
export const createShopLog = (service: string): Logger =>
  pino({
    base: { service },
    messageKey: 'message',
    timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
    formatters: { level: (level) => ({ level }) },
  })

export function createService(options: { context: ShopContext; release: Release }): FastifyInstance {
  const { context, release } = options
  // While it closes it still answers what reaches it: callers learn the new address a moment later.
  const app = Fastify({ logger: false, forceCloseConnections: 'idle', return503OnClosing: false })
  const registry = measure(app)
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  app.get('/healthz', () => ({ status: 'healthy' }))
  app.setErrorHandler((error, request, reply) => answerFailure(context.log, error, request, reply))
  release(app, context)
  return app
}

function measure(app: FastifyInstance): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const labelNames = ['method', 'route', 'status_code']
  const requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered',
    labelNames,
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames,
    buckets: seconds,
    registers: [registry],
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    if (!unmeasured.has(route)) {
      const labels = { method: request.method, route, status_code: String(reply.statusCode) }
      requests.inc(labels)
      duration.observe(labels, reply.elapsedTime / 1000)
    }
    done()
  })
  return registry
}

function answerFailure(log: Logger, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const failure = error instanceof Error ? error : new Error(String(error))
  const status = failure instanceof DependencyError ? failure.answer : 500
  log.error(
    { trace_id: traceId(request), attributes: { route: request.routeOptions.url, status } },
    `${request.method} ${request.routeOptions.url} failed: ${failure.message}`,
  )
  return reply.code(status).send({ message: failure.message })
}

/** The trace context a request came with, to be passed on. */
export const traceOf = (request: FastifyRequest): string | undefined => {
  const header = request.headers['traceparent']
  return typeof header === 'string' ? header : undefined
}

export const traceId = (request: FastifyRequest): string | undefined => traceOf(request)?.split('-')[1]

/** Time a data store behind a service takes, ms, with its natural spread. */
export const storeTime = (ms: number): Promise<void> => delay(ms * (0.7 + 0.6 * Math.random()))
