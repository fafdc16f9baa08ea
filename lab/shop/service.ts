/** The base of every shop service: routes, metrics, structured logs, calls to dependencies. */
import Fastify, { type FastifyInstance } from 'fastify'
import { type DestinationStream, pino, type Logger } from 'pino'
import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { DependencyError, type Call } from './dependencies.ts'
import { equip, type Equipment, gauge, type Journal, type Stored } from './equipment.ts'
import { type Host, realHost } from './host.ts'
import type { ShopReply, ShopRequest, ShopRoutes } from './routes.ts'
import { reportSpans, type ShopSpan } from './spans.ts'
import type { Surroundings } from './surroundings.ts'

export type { ShopRequest } from './routes.ts'

/** What a release builds its routes with. */
export interface ShopContext {
  log: Logger
  /** calls another service; `trace` continues the request's trace */
  call: Call
  surroundings: Surroundings
  stored: Stored
  /** null: the service has no volume */
  journal: Journal | null
  /** the current value of a setting; throws if there is none of this name */
  setting(name: string): number
}

/** A release adds its routes to the service. */
export type Release = (app: ShopRoutes, context: ShopContext) => void

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.1, 0.15, 0.25, 0.4, 0.6, 1, 1.5, 2.5, 5]
const unmeasured = new Set(['/metrics', '/healthz'])

/** One JSON object per line on standard output, in the recording's format. */
export const createShopLog = (service: string, { now }: Surroundings, stream?: DestinationStream): Logger =>
  pino(
    {
      base: { service },
      messageKey: 'message',
      timestamp: () => `,"timestamp":"${new Date(now()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    ...(stream === undefined ? [] : [stream]),
  )

export interface ServiceOptions {
  service: string
  context: Pick<ShopContext, 'log' | 'call' | 'surroundings' | 'setting'>
  release: Release
  /** default: this machine, without a volume */
  host?: Host
  store: boolean
  /** requests handled at the same time; further ones wait. Absent: unlimited */
  workers?: number
  /** called after each response */
  onSpan?(span: ShopSpan): void
}

export type ShopService = FastifyInstance & Pick<Equipment, 'disturb'>

export function createService(options: ServiceOptions): ShopService {
  const { service, context, release, host = realHost(null), store, workers, onSpan } = options
  // While closing it still answers: callers learn the new address a moment later.
  const app = Fastify({ logger: false, forceCloseConnections: 'idle', return503OnClosing: false })
  const registry = measure(app)
  const equipment = equip({ ...{ service, host, registry, store }, surroundings: context.surroundings })
  if (onSpan !== undefined) reportSpans(app, unmeasured, onSpan)
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
  app.get('/healthz', () => ({ status: 'healthy' }))
  if (workers !== undefined) queueBehind(app, workers)
  app.setErrorHandler((error, request, reply) => answerFailure(context.log, error, request, reply))
  app.addHook('onRequest', (request, _reply, done) => {
    if (isServed(request.routeOptions.url)) equipment.onRequest()
    done()
  })
  app.addHook('onClose', equipment.close)
  release(app, { ...context, ...equipment })
  return Object.assign(app, { disturb: equipment.disturb })
}

const isServed = (route: string | undefined): boolean => !unmeasured.has(route ?? '')

/** Hands a freed worker to the request that has waited longest; one whose caller has given up is dropped. */
function queueBehind(app: FastifyInstance, workers: number): void {
  const waiting: (() => void)[] = []
  let free = workers
  app.addHook('preHandler', (request, reply, done) => {
    if (!isServed(request.routeOptions.url)) return done()
    const begin = () => {
      if (reply.raw.closed) return end()
      reply.raw.once('close', end)
      done()
    }
    if (free === 0) return void waiting.push(begin)
    free -= 1
    begin()
  })
  const end = () => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
}

function measure(app: FastifyInstance): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const answered = countRequests(registry)
  let active = 0
  gauge(registry, 'http_server_active_requests', 'Requests being answered, or waiting for a worker', () => active)
  app.addHook('onRequest', (request, reply, done) => {
    if (isServed(request.routeOptions.url)) {
      active += 1
      reply.raw.once('close', () => (active -= 1))
    }
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    if (!unmeasured.has(route)) answered(request.method, route, reply.statusCode, reply.elapsedTime / 1000)
    done()
  })
  return registry
}

/** Returns a function that counts a response. */
export function countRequests(registry: Registry) {
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
  return (method: string, route: string, status: number, tookSeconds: number): void => {
    const labels = { method, route, status_code: String(status) }
    requests.inc(labels)
    duration.observe(labels, tookSeconds)
  }
}

/** The response for a handler that threw. */
export function answerFailure(log: Logger, error: unknown, request: ShopRequest, reply: ShopReply) {
  const failure = error instanceof Error ? error : new Error(String(error))
  const status = failure instanceof DependencyError ? failure.answer : 500
  log.error(
    { trace_id: traceId(request), attributes: { route: request.routeOptions.url, status } },
    `${request.method} ${request.routeOptions.url} failed: ${failure.message}`,
  )
  return reply.code(status).send({ message: failure.message })
}

/** The request's trace context, to be passed on. */
export const traceOf = (request: ShopRequest): string | undefined => {
  const header = request.headers['traceparent']
  return typeof header === 'string' ? header : undefined
}

export const traceId = (request: ShopRequest): string | undefined => traceOf(request)?.split('-')[1]
