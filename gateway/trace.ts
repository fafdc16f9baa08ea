import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'

/** The caller's request id where it is a harmless one, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : randomUUID()
}

const wellFormed = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

/** Headers every event of this request carries: its id and the W3C trace context, continued or begun. */
export function traceOf({ id, headers }: Pick<FastifyRequest, 'id' | 'headers'>): Record<string, string> {
  const given = headers.traceparent
  const traceparent = typeof given === 'string' && wellFormed.test(given) ? given : begin()
  return { 'x-request-id': id, traceparent }
}

const begin = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
