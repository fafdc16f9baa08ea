/**
 * Publish and subscribe over Kafka or PostgreSQL. Both implementations must pass `test/bus/contract.ts`. Delivery is at least
 * once and in order per key; readers recognise duplicates by `event_id`. The bus is independent of the agents.
 */
import type { EventName, Events } from '../schemas/events.generated.ts'

/** Raw key and headers of a foreign record that text cannot represent: no key, invalid UTF-8, repeated header names. */
export interface RawParts {
  /** absent: the text is exact */
  key?: Buffer | null
  /** only headers whose text is not exact, each with all its values */
  headers?: Readonly<Record<string, readonly Buffer[]>>
}

/** A record as stored on a topic: Confluent-framed Avro, with CloudEvents attributes and `traceparent` as headers. */
export interface EncodedRecord {
  topic: string
  key: string
  value: Buffer
  headers: Readonly<Record<string, string>>
  /** takes precedence over `key` and `headers` */
  raw?: RawParts
}

/** Position and timestamp of a record. `offset` only orders records within a partition; callers must not interpret it otherwise. */
export interface Origin {
  topic: string
  partition: number
  offset: string
  /** ms since the epoch, set by the bus */
  timestamp: number
}

/** Original size and hash of a part of a record that was truncated. */
export interface Whole {
  bytes: number
  /** hex */
  sha256: string
}
export type Part = 'key' | 'value' | 'headers'

/** A record as read from a topic, not yet decoded. */
export interface Delivery {
  origin: Origin
  key: string | null
  value: Buffer | null
  headers: Readonly<Record<string, string>>
  raw?: RawParts
  /** truncated parts: the record was too large to read or store in full */
  shortened?: Readonly<Partial<Record<Part, Whole>>>
  /** why the bytes cannot be read at all; it may then stand for several records */
  unreadable?: string
}

/** A decoded record. Narrow on `event` to know the type of `value`. */
export type Received = {
  [E in EventName]: { event: E; value: Events[E]; headers: Readonly<Record<string, string>>; delivery: Delivery }
}[EventName]

/** A decoded record that the handler refuses; it goes to the dead-letter topic with this reason. */
export interface Rejection {
  received: Received
  /** stable code, e.g. `unknown_kind` */
  code: string
  reason: string
}

export type Place = Pick<Origin, 'topic' | 'partition'>

export interface PutAside {
  consumer: string
  code: string
  reason: string
  origin: Origin
  /** the dead letter holds only part of the record */
  shortened: boolean
}

/** The bus has no logger and no metrics of its own: it reports dead letters and stuck partitions to the subscriber. */
export interface Observer {
  /** a dead letter has been written */
  putAside(letter: PutAside): void
  /** a partition is stuck */
  stands(place: Place, reason: string): void
  /** a stuck partition makes progress again */
  goesOn(place: Place): void
}

export interface Subscription {
  /** consumer group: members share the partitions, each group sees every record */
  group: string
  /** owner of the dead-letter topics `<topic>.<consumer>.dlq` */
  consumer: string
  topics: readonly string[]
  /**
   * Handles records of one partition in order, within milliseconds: long work belongs in a run. Records it returns are dead-lettered; if it
   * throws, the same records are redelivered after a backoff. The offset is committed only after it has returned.
   */
  handle(records: readonly Received[]): Promise<readonly Rejection[]>
  /** receives dead letters and stuck partitions */
  observer?: Observer
  /** where a group without a committed offset starts; default `earliest`, so no request is lost */
  from?: 'earliest' | 'latest'
}

/** A running subscription. */
export interface Consumption {
  /** stops consuming (back-pressure) without leaving the group */
  pause(): void
  resume(): void
  /**
   * Why the consumer is dead or stuck, without secrets or addresses; null: healthy. A stopped or crashed consumer
   * is never healthy.
   */
  unhealthy(): string | null
  /** settles when the consumer has died, or is silent although the bus answers: the process should exit and be restarted */
  readonly failed: Promise<Error>
  /** finishes the current records and leaves the group, within the bus's shutdown limit; idempotent */
  stop(): Promise<void>
}

export interface Lag {
  group: string
  topic: string
  /** not read yet */
  records: number
}

export interface BusHealth {
  ok: boolean
  /** why it is not ok; null if it is */
  reason: string | null
}

export interface Bus {
  /** Checks `value` against its schema and encodes it. Throws `BusError` `invalid_event` naming every wrong field. */
  encode<E extends EventName>(
    event: E,
    value: Events[E],
    headers?: Readonly<Record<string, string>>,
  ): Promise<EncodedRecord>
  /**
   * When it returns, all records are durable (acks from all replicas, or a committed transaction); records of one key keep their order.
   * Throws `BusError`: `too_large` (never retried), `unavailable` (may be retried with the same records).
   */
  publish(records: readonly EncodedRecord[]): Promise<void>
  /** only on the PostgreSQL bus */
  inStatement?: InStatement
  subscribe(subscription: Subscription): Promise<Consumption>
  /** Every record on a topic up to its current end, in order per partition, without a consumer group. For `sre dlq`, tests and tools. */
  browse(topic: string): AsyncIterable<Delivery>
  /** Decodes one delivery. Throws the `BusError` with which it would be dead-lettered. */
  decode(delivery: Delivery): Promise<Received>
  health(): Promise<BusHealth>
  /** How far the groups subscribed here are behind, all their members together. Throws `BusError` `unavailable`. */
  lag(): Promise<Lag[]>
  /** Stops every consumer, flushes and disconnects, within the shutdown limit; idempotent. */
  close(): Promise<void>
}

export interface StatementPart {
  /** an SQL expression that publishes when evaluated, and commits or rolls back with its statement */
  sql: string
  values: unknown[]
}

/** Publishes as part of a caller's statement in the same database, so that both take effect or neither does. */
export interface InStatement {
  /** the database that holds the log */
  databaseUrl: string
  /** `first`: number of the first SQL parameter. Throws the same errors as `publish`, except those of the write itself. */
  publishing(records: readonly EncodedRecord[], first: number): StatementPart
}

export type BusErrorCode =
  | 'invalid_event'
  | 'too_large'
  | 'unavailable'
  /** something an operator must create is missing, such as a dead-letter topic or the schemas; retry once it exists */
  | 'not_prepared'
  | 'unknown_topic'
  | 'no_value'
  | 'bad_magic'
  | 'unknown_schema'
  | 'undecodable'
  | 'wrong_record'

/** The message of a thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The record is not at fault: it can be retried unchanged once the cause is gone. */
export const isOutside = (error: unknown): boolean =>
  error instanceof BusError && (error.code === 'unavailable' || error.code === 'not_prepared')

export class BusError extends Error {
  override readonly name = 'BusError'
  readonly code: BusErrorCode
  constructor(code: BusErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
