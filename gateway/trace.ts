import { randomBytes, randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { traceIdOf } from '../schemas/trace-id.ts'

export type Trace = Record<'x-request-id' | 'traceparent', string>

/** The caller's request id if it is well-formed, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[A-Za-z0-9._:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** Headers for every event of this request: its id and the W3C trace context, continued or started. */
export function traceOf({ id, headers: { traceparent } }: Pick<FastifyRequest, 'id' | 'headers'>): Trace {
  return { 'x-request-id': id, traceparent: traceIdOf(traceparent) === undefined ? begin() : String(traceparent) }
}

const begin = (): string => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`
