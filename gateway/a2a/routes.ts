/** A2A 1.0 over HTTP: the agent cards, JSON-RPC and HTTP+JSON. What a task is and does is in handler.ts. */
import { createHash } from 'node:crypto'
import {
  A2A_CONTENT_TYPE,
  A2A_VERSION_HEADER,
  AgentCard,
  Extensions,
  formatSSEErrorEvent,
  HTTP_EXTENSION_HEADER,
} from '@a2a-js/sdk'
import { A2AError, A2A_ERROR_CODE, fromJsonRpcErrorResponse, RequestMalformedError } from '@a2a-js/sdk/errors'
import { JsonRpcTransportHandler, ServerCallContext, validateVersion } from '@a2a-js/sdk/server'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answering } from '../answering.ts'
import { authenticate, callerDecorator } from '../auth/authenticate.ts'
import type { Caller } from '../auth/caller.ts'
import { lacking } from '../auth/permissions.ts'
import { baseOf } from '../base-url.ts'
import type { Checks } from '../checks.ts'
import type { Limited } from '../document.ts'
import { codedOf } from '../error-answer.ts'
import { forbidden } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { type Language, languageOf } from '../present/language.ts'
import { beStream, holdOpen } from '../routes/hold-open.ts'
import { BINDINGS, cardFor, type CardOptions, PATHS } from './card.ts'
import { isObject, isRpcRequest, METHODS, REST_ROUTES, rpcOf } from './calls.ts'
import { createRequestHandler } from './handler.ts'
import { createReader } from './message.ts'
import { a2aTexts, asProtocolError, type Refused, restRefusal, rpcId, rpcRefusal } from './refusal.ts'
import { serverSentEvents } from './stream.ts'

type Limiter = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
type Binding = keyof typeof BINDINGS

export interface A2aOptions {
  gateway: Gateway
  checks: Pick<Checks, 'check'>
  card: CardOptions
  checkToken(token: string): Promise<Caller>
  answering: Pick<Answering, 'within'>
  limiters: Readonly<Record<Limited, Limiter>>
  traceOf(request: FastifyRequest): Readonly<Record<string, string>>
}

const CARD_S = 3600

export function registerA2a(app: FastifyInstance, options: A2aOptions): void {
  const { card } = options
  app.get(PATHS.card, { config: { operationId: 'a2aAgentCard' } }, async (request, reply) => {
    const language = languageOf(request.headers['accept-language'])
    const body = JSON.stringify(AgentCard.toJSON(cardFor(card, baseOf(card, request), language, false)))
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    reply.headers({
      etag,
      'cache-control': `public, max-age=${CARD_S}`,
      'content-language': language,
      vary: 'accept-language',
    })
    if (request.headers['if-none-match'] === etag) return reply.code(304).send()
    return reply.type('application/json').send(body)
  })
  void app.register(async (scope) => bind(scope, 'rpc', options))
  void app.register(async (scope) => bind(scope, 'rest', options))
}

function bind(scope: FastifyInstance, binding: Binding, options: A2aOptions): void {
  const answer = createAnswer(binding, options)
  takeJson(scope)
  scope.addHook('onRequest', authenticate(options.checkToken, ['sre-platform:read']))
  scope.setErrorHandler((error, request, reply) => refuseIn(binding, error, request, reply))
  if (binding === 'rpc')
    return void scope.post(PATHS.rpc, { config: { operationId: 'a2aJsonRpc' } }, async (request, reply) =>
      answer(request, reply, request.body),
    )
  for (const route of REST_ROUTES) {
    const operationId = `a2a${typeof route.call === 'string' ? route.call : 'Task'}`
    scope.route({
      ...{ method: route.method, url: PATHS.rest + route.path, config: { operationId } },
      handler: async (request, reply) => {
        const rpc = rpcOf(route, request as Parameters<typeof rpcOf>[1])
        if (rpc === null)
          throw new RequestMalformedError(a2aTexts.noVerb[languageOf(request.headers['accept-language'])])
        return answer(request, reply, { jsonrpc: '2.0', id: null, ...rpc })
      },
    })
  }
}

/** Answers one JSON-RPC request in the form of the binding. */
function createAnswer(binding: Binding, options: A2aOptions) {
  const { gateway, checks, card, answering, limiters, traceOf } = options
  const read = createReader(checks)
  const everyMs = gateway.heartbeatMs

  return async (request: FastifyRequest, reply: FastifyReply, body: unknown): Promise<unknown> => {
    const caller = request.getDecorator<Caller>(callerDecorator)
    const language = languageOf(request.headers['accept-language'])
    const base = baseOf(card, request)
    const cards = { open: cardFor(card, base, language, false), extended: cardFor(card, base, language, true) }
    const context = contextOf(request)
    validateVersion(context.requestedVersion, cards.open, BINDINGS[binding])
    const limit = (rateClass: Limited) => limiters[rateClass](request, reply)
    if (!isRpcRequest(body)) {
      await limit('read')
      return refuseForm(reply, isObject(body) ? body['id'] : null, language)
    }
    const rpc = body
    await admit(rpc, { caller, language }, limit)
    let failure: unknown = null
    const call = {
      ...{ gateway, caller, language, read, cards, trace: traceOf(request), within: answering.within },
      hold: () => holdOpen(gateway, caller, reply),
      pushOrigins: card.pushOrigins,
    }
    const handler = remembering(createRequestHandler(call), (error) => (failure = error))
    const answered = await new JsonRpcTransportHandler(handler).handle(rpc, context)
    // the SDK would tell any error's message to the client
    if (failure !== null) throw failure
    reply.headers({ 'content-language': language, vary: 'accept-language' })
    if (!(Symbol.asyncIterator in answered)) return send(binding, reply, answered)
    const stream = unwrapped(binding, answered)
    const first = await stream.next()
    const onError = (error: unknown) => formatSSEErrorEvent(refusalOf(binding, error, request, rpc['id']).body)
    beStream(gateway, reply)
    return reply.send(serverSentEvents(first, stream, { everyMs, onError }))
  }
}

/** What the caller may do, and how often, depends on the method. */
async function admit(
  { method, params }: Record<string, unknown>,
  { caller, language }: { caller: Caller; language: Language },
  limit: (rateClass: Limited) => Promise<unknown>,
): Promise<void> {
  const known = typeof method === 'string' && Object.hasOwn(METHODS, method) ? METHODS[method] : undefined
  if (known === undefined) return void (await limit('read'))
  const missing = lacking(caller, known.scopes)
  if (missing !== null) throw forbidden(missing)
  await limit(known.rateClass)
  try {
    known.read(params ?? {})
  } catch (cause) {
    throw new RequestMalformedError({ message: a2aTexts.badForm[language], cause })
  }
}

function contextOf({ headers, query }: FastifyRequest): ServerCallContext {
  const asked = headers[A2A_VERSION_HEADER.toLowerCase()] ?? (query as Record<string, unknown>)[A2A_VERSION_HEADER]
  const extensions = headers[HTTP_EXTENSION_HEADER.toLowerCase()]
  return new ServerCallContext({
    // patches do not count
    ...(typeof asked === 'string' && asked !== ''
      ? { requestedVersion: asked.replace(/^(\d+\.\d+)\.\d+$/, '$1') }
      : {}),
    requestedExtensions: Extensions.parseServiceParameter(typeof extensions === 'string' ? extensions : undefined),
  })
}

/** Tells the first error of a handler before the SDK turns it into an answer. */
function remembering(
  handler: ReturnType<typeof createRequestHandler>,
  onError: (error: unknown) => void,
): typeof handler {
  return new Proxy(handler, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(method, target, args)
        if (result instanceof Promise)
          return result.catch((error: unknown) => {
            onError(error)
            throw error
          })
        return result
      }
    },
  })
}

interface RpcAnswer {
  result?: unknown
  error?: unknown
}

function send(binding: Binding, reply: FastifyReply, answer: RpcAnswer): unknown {
  if (binding === 'rpc') return reply.type('application/json').send(JSON.stringify(answer))
  if (answer.error !== undefined) throw fromJsonRpcErrorResponse(answer as Parameters<typeof fromJsonRpcErrorResponse>[0]) // prettier-ignore
  if (answer.result === null) return reply.code(204).send()
  return reply.type(A2A_CONTENT_TYPE).send(JSON.stringify(answer.result))
}

async function* unwrapped(binding: Binding, stream: AsyncGenerator<RpcAnswer>): AsyncGenerator<unknown> {
  for await (const one of stream) yield binding === 'rpc' ? one : one.result
}

/** What is no request of JSON-RPC has an error of JSON-RPC, not one of A2A. */
function refuseForm(reply: FastifyReply, id: unknown, language: Language): unknown {
  reply.headers({ 'content-language': language, vary: 'accept-language' }).type('application/json')
  return reply.send(JSON.stringify(rpcError(id, A2A_ERROR_CODE.INVALID_REQUEST, a2aTexts.notARequest[language])))
}

function takeJson(scope: FastifyInstance): void {
  const parse = scope.getDefaultJsonParser('error', 'error')
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    ['application/json', A2A_CONTENT_TYPE],
    { parseAs: 'string' },
    (request, text: string, done) => (text === '' ? done(null, undefined) : parse(request, text, done)),
  )
}

function refuseIn(binding: Binding, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const body: unknown = request.body
  const { status, body: told, headers } = refusalOf(binding, error, request, isObject(body) ? body['id'] : null)
  const language = languageOf(request.headers['accept-language'])
  reply.code(status).headers({ 'content-language': language, vary: 'accept-language', ...headers })
  // not A2A's own media type: the specification writes its errors as Google's AIP-193 does
  reply.type('application/json').send(JSON.stringify(told))
}

/** A fault of the request is one of A2A's errors; the others, such as 401, 413, 429 and 503, have the status that HTTP has for them. */
function refusalOf(
  binding: Binding,
  error: unknown,
  request: FastifyRequest,
  id: unknown,
): Refused & { headers?: Readonly<Record<string, string>> } {
  const inForm = (one: A2AError) => (binding === 'rpc' ? rpcRefusal(one, id) : restRefusal(one))
  if (error instanceof A2AError) return inForm(error)
  const language = languageOf(request.headers['accept-language'])
  if (isUnparsable(error) && binding === 'rpc')
    return { status: 200, body: rpcError(null, A2A_ERROR_CODE.PARSE_ERROR, a2aTexts.notJson[language]) }
  const coded = codedOf(error, request)
  if (coded.status >= 500) request.log.error({ err: error, request: request.id }, coded.message)
  const protocol = asProtocolError(coded, language)
  if (protocol !== null) return inForm(protocol)
  const { status, headers, code } = coded
  const message = coded.texts[language]
  if (binding === 'rest')
    return { status, headers, body: { error: { code: status, status: code, message, details: [] } } }
  const rpcCode = status >= 500 ? A2A_ERROR_CODE.INTERNAL_ERROR : A2A_ERROR_CODE.INVALID_REQUEST
  return { status, headers, body: rpcError(id, rpcCode, message) }
}

const rpcError = (id: unknown, code: number, message: string) => ({
  jsonrpc: '2.0',
  id: rpcId(id),
  error: { code, message },
})

const isUnparsable = (error: unknown): boolean =>
  error instanceof SyntaxError ||
  /^FST_ERR_CTP_(?:INVALID_JSON|EMPTY_JSON)/.test((error as Partial<FastifyError>).code ?? '')
