/** Dependencies of the routes, and the types of a route. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus } from '../bus/bus.ts'
import type { SigningKeys } from '../schemas/signing-keys.ts'
import type { Tenants } from '../tenants/tenants.ts'
import type { Api } from './api.generated.ts'
import type { Caller } from './auth/caller.ts'
import type { Json } from './document.ts'
import type { Language } from './present/language.ts'
import type { FoldOptions } from './views/fold.ts'
import type { Metrics } from './metrics.ts'
import type { StreamLimits, StreamPlaces } from './stream-places.ts'
import type { SessionWatch } from './views/session-watch.ts'

export interface Limits extends StreamLimits {
  /** requests per caller and minute, by rate class */
  read: number
  write: number
  diagnose: number
  batch: number
  /** largest request body in bytes */
  bodyBytes: number
}

export const defaultLimits: Limits = {
  ...{ read: 100, write: 50, diagnose: 20, batch: 5, bodyBytes: 262_144 },
  ...{ streams: 500, streamsPerTenant: 250, streamsPerCaller: 20 },
}

export type Source = 'chroma' | 'prometheus' | 'loki' | 'traces' | 'control_plane'

export interface Gateway {
  pool: Pool
  /** a separate small pool for advisory locks, so that waiting for a lock never uses up the connections for queries */
  locks: Pool
  bus: Bus
  views: FoldOptions
  watch: SessionWatch
  /** which tenant owns which services */
  tenants: Tenants
  decisions: { issuer: string; keys: SigningKeys }
  /** `iss` of access tokens */
  issuer: string
  /** URL by which clients reach it; undefined: as each request addresses it */
  publicUrl: string | undefined
  /** readiness probes; a source that is not configured is absent */
  sources: Partial<Record<Source, () => Promise<boolean>>>
  /** why the views are not being updated; null: they are */
  viewsUnhealthy(): string | null
  /** the OpenAPI document */
  specification: Json
  limits: Limits
  metrics: Metrics
  version: string
  startedAt: number
  now(): number
  log: Logger
  streams: StreamPlaces
  /** ms between heartbeats of an idle stream */
  heartbeatMs: number
  /** ms a capacity request waits for its result, and a proposal for its answer */
  capacityWaitMs: number
  /** ms a request for a postmortem waits for the agent to look up an incident that no session names */
  incidentWaitMs: number
  /** aborts when the gateway closes; streams then end */
  closing: AbortSignal
}

type Operations = Api['operations']
export type OperationId = keyof Operations

/** A response the document allows: a status with its body. */
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
  /** what an idempotency key stands for; absent: the body */
  asSaid?: unknown
  language: Language
  /** headers for events: request id and trace context */
  trace: Readonly<Record<string, string>>
  /** aborts when the request was refused because the database does not answer: nothing may be published for it any more */
  refused: AbortSignal
  request: FastifyRequest
  reply: FastifyReply
}

/** Handler of a public operation. */
export type OpenHandler<Id extends OperationId> = (asked: Asked<Id>) => Promise<Answer<Id>>
/** Handler of an authenticated operation. Expected refusals are thrown as `ApiError`. */
export type Handler<Id extends OperationId> = (asked: Asked<Id>, caller: Caller) => Promise<Answer<Id>>
