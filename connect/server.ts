/** Receives webhooks. Answers 202 once the change is durable on the bus, and 503 while the bus is down, so that the sender repeats. */
import { randomUUID } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { isOutside, messageOf } from '../bus/bus.ts'
import type { Change } from './change.ts'
import { changeOfGithub, isSigned } from './github.ts'
import type { Mapping } from './mapping.ts'
import type { Recorder } from './recorder.ts'
import { Refused } from './refused.ts'
import { isBearer } from '../schemas/same-secret.ts'
import { changeOfWebhook } from './webhook.ts'

export interface WebhookServerOptions {
  kind: 'github' | 'webhook'
  /** HMAC secret for GitHub, bearer token for the generic webhook */
  secret: string
  mapping: Mapping
  recorder: Recorder
  log: Logger
  host: string
  /** 0 takes a free one */
  port: number
  bodyBytes: number
}

export interface WebhookServer {
  url: string
  close(): Promise<void>
}

export const WEBHOOK_PATHS = { github: '/webhooks/github', webhook: '/webhooks/changes' } as const
const RETRY_AFTER_S = 5

export async function serveWebhook(options: WebhookServerOptions): Promise<WebhookServer> {
  const { kind, recorder, log } = options
  const app = fastify({ bodyLimit: options.bodyBytes, requestTimeout: 30_000, forceCloseConnections: true })
  app.removeAllContentTypeParsers()
  // the signature covers the bytes as they were sent
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.post(WEBHOOK_PATHS[kind], async (request, reply) => {
    const id = deliveryOf(request)
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    if (!isGenuine(request, bytes, options)) {
      reply.header('www-authenticate', kind === 'github' ? 'X-Hub-Signature-256' : 'Bearer')
      return refuse(reply, id, 401, 'AUTHENTICATION_FAILED', UNSIGNED[kind])
    }
    const change = read(request, bytes, options)
    if (change === null) {
      recorder.count(kind, 'ignored')
      return reply.code(202).send({ recorded: false, request_id: id })
    }
    await recorder.record([change], { 'x-request-id': id })
    recorder.count(kind, 'recorded')
    log.info({ request: id, change: change.id, service: change.service }, 'change recorded')
    return reply.code(202).send({ recorded: true, change_id: change.id, request_id: id })
  })

  app.setNotFoundHandler((request, reply) =>
    refuse(reply, deliveryOf(request), 404, 'RESOURCE_NOT_FOUND', `POST ${WEBHOOK_PATHS[kind]} is the only route`),
  )
  app.setErrorHandler((error, request, reply) => {
    const id = deliveryOf(request)
    if (isOutside(error)) {
      recorder.count(kind, 'unavailable')
      log.error({ request: id, error: messageOf(error) }, 'the bus did not take a change: the sender should repeat it')
      reply.header('retry-after', RETRY_AFTER_S)
      return refuse(reply, id, 503, 'SERVICE_UNAVAILABLE', 'the bus is unavailable: send this again')
    }
    const refusal = refusalOf(error)
    if (refusal === null) {
      log.error({ request: id, error: messageOf(error) }, 'unexpected error')
      return refuse(reply, id, 500, 'INTERNAL_ERROR', 'unexpected error; see the log of sre connect')
    }
    return refuse(reply, id, refusal.status, refusal.code, refusal.message)
  })

  function refuse(reply: FastifyReply, id: string, status: number, error: string, message: string) {
    if (status < 500) {
      recorder.count(kind, 'refused')
      log.warn({ request: id, status, reason: message }, 'refused')
    }
    return reply.code(status).send({ error, message, request_id: id })
  }

  await app.listen({ host: options.host, port: options.port })
  const { address, port, family } = app.server.address() as AddressInfo
  const host = family === 'IPv6' ? `[${address}]` : address
  return { url: `http://${host}:${port}${WEBHOOK_PATHS[kind]}`, close: () => Promise.resolve(app.close()) }
}

const UNSIGNED = {
  github: 'X-Hub-Signature-256 is missing, or is not the HMAC of this body under CONNECT_GITHUB_SECRET',
  webhook: 'Authorization is missing, or is not Bearer with CONNECT_WEBHOOK_TOKEN',
}

const isGenuine = ({ headers }: FastifyRequest, bytes: Buffer, { kind, secret }: WebhookServerOptions): boolean =>
  kind === 'github' ? isSigned(bytes, headers['x-hub-signature-256'], secret) : isBearer(headers.authorization, secret)

const read = ({ headers }: FastifyRequest, bytes: Buffer, { kind, mapping }: WebhookServerOptions): Change | null =>
  kind === 'github'
    ? changeOfGithub(String(headers['x-github-event']), bytes, mapping)
    : changeOfWebhook(bytes, mapping)

/** The sender's id of this delivery, if it is well-formed, else a new one. */
function deliveryOf({ headers }: FastifyRequest): string {
  const given = headers['x-github-delivery'] ?? headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** Null: not the sender's fault. */
function refusalOf(error: unknown): { status: number; code: string; message: string } | null {
  if (error instanceof Refused) return error
  const { statusCode, code } = error as { statusCode?: number; code?: string }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return { status: 415, code: 'INVALID_REQUEST', message: 'the body must be application/json' }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return { status: 413, code: 'INVALID_REQUEST', message: 'the body exceeds CONNECT_BODY_BYTES' }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return null
  return { status: statusCode, code: 'INVALID_REQUEST', message: messageOf(error) }
}
