/** The app: the routes of `openapi.yaml`, and A2A beside them, which has a specification of its own. `listen` is in serve.ts, so tests can use `inject()`. */
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import fastify, { LogController } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import openapiGlue from 'fastify-openapi-glue'
import type { CardOptions } from './a2a/card.ts'
import { registerA2a } from './a2a/routes.ts'
import type { Answering } from './answering.ts'
import { callerDecorator, authenticate } from './auth/authenticate.ts'
import type { Caller } from './auth/caller.ts'
import type { Document, Limited, Operation } from './document.ts'
import { drainOnClose } from './drain.ts'
import { answerError, errorBody, noRoute } from './error-answer.ts'
import { ApiError } from './errors.ts'
import type { Asked, Gateway, OperationId } from './gateway.ts'
import { languageOf } from './present/language.ts'
import { refusals } from './present/texts.ts'
import { createChecks } from './checks.ts'
import { challenging } from './mcp/metadata.ts'
import { countsAs } from './mcp/tools.ts'
import { createHandlers } from './routes/handlers.ts'
import { refuseUnmet, refuseUnreadable } from './server-refusals.ts'
import type { RefusalBody } from './server-refusals.ts'
import { NOTIFICATION_BYTES } from '../schemas/alertmanager.ts'
import { traceIdOf } from '../schemas/trace-id.ts'
import { requestIdOf, type Trace, traceOf } from './trace.ts'
import { checksBeside, createValidator, takeJsonOnly } from './validation.ts'

/** Operations that are not logged: probes and scrapes would fill the log. */
const UNTOLD: ReadonlySet<string> = new Set<OperationId>(['getHealth', 'getReadiness', 'getMetrics'])
const traceDecorator = 'trace'

export interface AppOptions {
  gateway: Gateway
  document: Document
  checkToken(token: string): Promise<Caller>
  /** bearer token of Alertmanager's webhook; absent: it needs an access token like any other */
  alertsToken: string | undefined
  answering: Pick<Answering, 'within'>
  /** of the agent cards */
  card: CardOptions
  /** aborted when the app starts to close */
  closing: AbortController
  /** PEM; absent: plain HTTP */
  tls?: { cert: string; key: string }
}

export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { gateway, document, checkToken, alertsToken, answering, card, closing, tls } = options
  const { limits, log, metrics } = gateway
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: answerError,
    clientErrorHandler: refuseUnreadable(refusalBody),
    // a request without a Host header is refused below, with an error body like any other
    ...(tls === undefined ? { http: { requireHostHeader: false } } : { https: { ...tls, requireHostHeader: false } }),
    exposeHeadRoutes: false,
    bodyLimit: limits.bodyBytes,
    genReqId: requestIdOf,
    forceCloseConnections: true,
    requestTimeout: 30_000,
  }) as unknown as FastifyInstance
  app.decorateRequest(callerDecorator, null)
  app.decorateRequest(traceDecorator, null)
  app.setValidatorCompiler(createValidator())
  takeJsonOnly(app)
  refuseUnmet(app.server, refusalBody)
  app.setErrorHandler(answerError)
  // the hook answers every such request before its body is read
  app.setNotFoundHandler(() => undefined)
  app.addHook('onRequest', async (request, reply) => {
    request.setDecorator(traceDecorator, traceOf(request))
    reply.header('x-request-id', request.id)
    if (request.raw.httpVersion === '1.1' && request.headers.host === undefined)
      throw new ApiError('INVALID_REQUEST', refusals.noHost)
    if (request.is404) throw noRoute(document.methodsAt(request.url.split('?', 1)[0] ?? ''))
  })
  app.addHook('onResponse', async (request, reply) => {
    const operation = (request.routeOptions.config as { operationId?: string }).operationId ?? 'none'
    const status = String(reply.statusCode)
    const isStream = String(reply.getHeader('content-type')).startsWith('text/event-stream')
    if (!isStream) metrics.requests.observe({ operation, status }, reply.elapsedTime / 1000)
    if (UNTOLD.has(operation)) return
    const { session_id: session } = request.params as { session_id?: string }
    const trace = traceIdOf(request.getDecorator<Trace | null>(traceDecorator)?.traceparent)
    const about = { request: request.id, trace, session, operation, status, ms: Math.round(reply.elapsedTime) }
    log.info(about, 'answered')
  })
  drainOnClose(app, { begin: () => closing.abort(), graceMs: 5000 })
  await app.register(helmet, { hsts: tls !== undefined })
  await app.register(rateLimit, { global: false, errorResponseBuilder: limited })
  const limiters = createLimiters(app, limits)
  const traceIn = (request: FastifyRequest) => request.getDecorator<Trace>(traceDecorator)
  const checks = createChecks()
  registerA2a(app, { gateway, checks, checkToken, answering, card, limiters, traceOf: traceIn })
  app.addHook('onRoute', checks.learn)
  const handlers = createHandlers(gateway, { document, checks })
  await app.register(openapiGlue, {
    specification: document.specification,
    operationResolver: (operationId) => {
      const operation = document.operations.get(operationId)
      if (operation === undefined) throw new Error(`${operationId} is not in the document`)
      return routeOf(operation)
    },
  })

  async function limitTools(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const limit = document.operations.get(countsAs(request.body) ?? '')?.rateClass ?? 'read'
    if (limit !== 'none' && limit !== 'tool') await limiters[limit].call(app, request, reply)
  }

  /** The caller is authenticated before anything else of the request is read. */
  function routeOf(operation: Operation): RouteOptions {
    const { operationId, scopes, rateClass, takesAlertsToken } = operation
    const handle = handlers[operationId as OperationId] as (
      asked: Asked<never>,
      caller: Caller | null,
    ) => Promise<Answered>
    const limiter = rateClass === 'none' || rateClass === 'tool' ? [] : [limiters[rateClass]]
    const known = (of: readonly string[]) => {
      const authenticated = authenticate(checkToken, of, takesAlertsToken ? alertsToken : undefined)
      return operationId === 'callMcp' ? challenging(authenticated, gateway) : authenticated
    }
    return {
      config: { operationId },
      ...(takesAlertsToken ? { bodyLimit: Math.max(limits.bodyBytes, NOTIFICATION_BYTES) } : {}),
      onRequest: scopes === null ? [] : [known(scopes), ...limiter],
      preValidation: checksBeside(operation),
      preHandler: rateClass === 'tool' ? [limitTools] : [],
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const caller = request.getDecorator<Caller | null>(callerDecorator)
        if (caller === null && scopes !== null) throw new Error('a route that needs a caller ran without one')
        const work = (refused: AbortSignal) => handle(asked(request, reply, refused), caller)
        // public operations have no 503 of this form: readyz itself reports what is down
        const { status, body } = await (scopes === null ? work(neverRefused) : answering.within(work))
        return reply.code(status).send(body)
      },
    } as unknown as RouteOptions
  }
  return app
}

const neverRefused = new AbortController().signal

const refusalBody: RefusalBody = ({ status, texts }, requestId) =>
  errorBody(new ApiError('INVALID_REQUEST', texts, { status }), requestId, 'en')

interface Answered {
  status: number
  body: unknown
}

function asked(request: FastifyRequest, reply: FastifyReply, refused: AbortSignal): Asked<never> {
  const { query, headers, body } = request
  // every path parameter is a UUID; upper and lower case mean the same
  const params = Object.fromEntries(
    Object.entries(request.params as Record<string, string>).map(([name, id]) => [name, id.toLowerCase()]),
  )
  const language = languageOf(headers['accept-language'])
  reply.header('content-language', language).header('vary', 'accept-language')
  // validated against the document before the handler runs
  return {
    params,
    query,
    headers,
    body,
    language,
    trace: request.getDecorator<Trace>(traceDecorator),
    refused,
    request,
    reply,
  } as unknown as Asked<never>
}

function createLimiters(app: FastifyInstance, limits: Record<Limited, number>) {
  const limiter = (rateClass: Limited) =>
    app.rateLimit({
      max: limits[rateClass],
      timeWindow: 60_000,
      keyGenerator: (request) => request.getDecorator<Caller>(callerDecorator).id,
    })
  return { read: limiter('read'), write: limiter('write'), diagnose: limiter('diagnose'), batch: limiter('batch') }
}

const limited = (_request: FastifyRequest, { max, after }: { max: number; after: string }): ApiError =>
  new ApiError('RATE_LIMITED', refusals.limited(max, after))
