/** What the routes stand on, and what one of them is. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus } from '../bus/bus.ts'
import type { SigningKeys } from '../schemas/signing-keys.ts'
import type { Tenants } from '../tenants/tenants.ts'
import type { Api } from './api.generated.ts'
import type { Caller } from './auth/caller.ts'
import type { Language } from './present/language.ts'
import type { FoldOptions } from './views/fold.ts'
import type { Metrics } from './metrics.ts'
import type { StreamLimits, StreamPlaces } from './stream-places.ts'
import type { SessionWatch } from './views/session-watch.ts'

export interface Limits extends StreamLimits {
  /** requests per caller and minute, by what they do */
  read: number
  write: number
  diagnose: number
  /** bytes of a request's body */
  bodyBytes: number
}

export const defaultLimits: Limits = {
  ...{ read: 100, write: 50, diagnose: 20, bodyBytes: 262_144 },
  ...{ streams: 500, streamsPerTenant: 250, streamsPerCaller: 20 },
}

export type Source = 'chroma' | 'prometheus' | 'loki' | 'traces' | 'control_plane'

export interface Gateway {
  pool: Pool
  /** a few connections that only hold locks: waiting for one never takes the connections the work needs */
  locks: Pool
  bus: Bus
  views: FoldOptions
  watch: SessionWatch
  /** which services are whose */
  tenants: Tenants
  decisions: { issuer: string; keys: SigningKeys }
  /** probes for readyz; a source that is not configured is absent */
  sources: Partial<Record<Source, () => Promise<boolean>>>
  /** why the views are not being folded, or null */
  viewsUnhealthy(): string | null
  limits: Limits
  metrics: Metrics
  version: string
  startedAt: number
  now(): number
  log: Logger
  streams: StreamPlaces
  /** how often a stream with nothing to tell says that it is still there */
  heartbeatMs: number
  /** how long whoever asks for a capacity is kept waiting for it */
  capacityWaitMs: number
  /** aborts when the gateway closes: streams end */
  closing: AbortSignal
}

type Operations = Api['operations']
export type OperationId = keyof Operations

/** One of the answers the document allows: a status with the body it names. */
type Answer<Id extends OperationId> = {
  [S in keyof Operations[Id]['responses']]: {
    status: S extends `${infer N extends number}` ? N : never
    body: Operations[Id]['responses'][S]
  }
}[keyof Operations[Id]['responses']]

export interface Asked<Id extends OperationId> {
  params: Operations[Id]['params']
  query: Operations[Id]['query']
  headers: Operations[Id]['headers']
  body: Operations[Id]['body']
  language: Language
  /** for events: request id and trace context */
  trace: Readonly<Record<string, string>>
  request: FastifyRequest
  reply: FastifyReply
}

/** An operation open to all. */
export type OpenHandler<Id extends OperationId> = (asked: Asked<Id>) => Promise<Answer<Id>>
/** An operation of a caller. Expected refusals are thrown as `ApiError`. */
export type Handler<Id extends OperationId> = (asked: Asked<Id>, caller: Caller) => Promise<Answer<Id>>
