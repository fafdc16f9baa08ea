/**
 * Publish and subscribe, over Kafka or over PostgreSQL: what both must do, and `test/bus/contract.ts` proves. Delivery is at least
 * once and in order per key; every reader recognises a repeat by `event_id`. Nothing here knows an agent.
 */
import type { EventName, Events } from '../schemas/events.generated.ts'

/** Raw key and headers of a foreign record that text cannot represent: no key, invalid UTF-8, repeated header names. */
export interface RawParts {
  /** absent: the text is exact */
  key?: Buffer | null
  /** only headers whose text is not exact, each with all its values */
  headers?: Readonly<Record<string, readonly Buffer[]>>
}

/** A record as it lies on a topic: Confluent-framed Avro, CloudEvents attributes and `traceparent` as headers. */
export interface EncodedRecord {
  topic: string
  key: string
  value: Buffer
  headers: Readonly<Record<string, string>>
  /** takes precedence over the text */
  raw?: RawParts
}

/** Where and when a record lies. `offset` is opaque beyond ordering within its partition. */
export interface Origin {
  topic: string
  partition: number
  offset: string
  /** ms since the epoch, as the bus stamped it */
  timestamp: number
}

/** Size and hash of a part of a record before it was shortened. */
export interface Whole {
  bytes: number
  /** hex */
  sha256: string
}
export type Part = 'key' | 'value' | 'headers'

/** A record as it came off a topic, not yet decoded. */
export interface Delivery {
  origin: Origin
  key: string | null
  value: Buffer | null
  headers: Readonly<Record<string, string>>
  raw?: RawParts
  /** parts that were cut: the record is too large to be read, or kept, whole */
  shortened?: Readonly<Partial<Record<Part, Whole>>>
}

/** A decoded record. Narrow on `event` to know the type of `value`. */
export type Received = {
  [E in EventName]: { event: E; value: Events[E]; headers: Readonly<Record<string, string>>; delivery: Delivery }
}[EventName]

/** A record that was decoded but that the handler refuses; it goes to the dead-letter topic with this reason. */
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
  /** it is kept, but not whole */
  shortened: boolean
}

/** The bus has no logger and no metrics; it reports to its subscriber what would otherwise go unnoticed. */
export interface Observer {
  /** a record became a dead letter, and its topic has it */
  putAside(letter: PutAside): void
  /** a partition is stuck */
  stands(place: Place, reason: string): void
  /** the partition moves again */
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
   * throws, the same records are redelivered after a backoff. The position moves on only after it has returned.
   */
  handle(records: readonly Received[]): Promise<readonly Rejection[]>
  /** receives what would otherwise go unnoticed */
  observer?: Observer
  /** where a group without a position begins; default `earliest`, so no request is lost */
  from?: 'earliest' | 'latest'
}

/** A running subscription. */
export interface Consumption {
  /** stops intake (back-pressure) without leaving the group */
  pause(): void
  resume(): void
  /**
   * Why the consumer is dead or stuck, in words safe to show anyone; null: healthy. A stopped or crashed consumer
   * is never healthy.
   */
  unhealthy(): string | null
  /** settles when the consumer has died for good, or is silent although the bus answers: the process should exit and be restarted */
  readonly failed: Promise<Error>
  /** finishes the records in hand and leaves the group, within the bus's shutdown limit; idempotent */
  stop(): Promise<void>
}

export interface BusHealth {
  ok: boolean
  /** why not, in words */
  reason: string | null
}

export interface Bus {
  /** Checks `value` against its schema and frames it. Throws `BusError` `invalid_event` naming every wrong field. */
  encode<E extends EventName>(
    event: E,
    value: Events[E],
    headers?: Readonly<Record<string, string>>,
  ): Promise<EncodedRecord>
  /**
   * All or none is durable when it returns (acks from all replicas, or a committed transaction); records of one key keep their order.
   * Throws `BusError`: `too_large` (never retried), `unavailable` (may be retried with the same records).
   */
  publish(records: readonly EncodedRecord[]): Promise<void>
  /** absent if the log is not in a database */
  inStatement?: InStatement
  subscribe(subscription: Subscription): Promise<Consumption>
  /** Everything on a topic up to its present end, in order per partition; without a group, for `sre dlq`, tests and tools. */
  browse(topic: string): AsyncIterable<Delivery>
  /** Decodes one delivery. Throws `BusError` with the reason it would be dead-lettered for. */
  decode(delivery: Delivery): Promise<Received>
  health(): Promise<BusHealth>
  /** Ends every consumption, flushes and disconnects, within the shutdown limit; idempotent. */
  close(): Promise<void>
}

export interface StatementPart {
  /** an SQL expression that publishes when evaluated, and commits or rolls back with its statement */
  sql: string
  values: unknown[]
}

/** Publishing within a statement of a caller that writes to the same database: both happen, or neither. */
export interface InStatement {
  /** the database that holds the log */
  databaseUrl: string
  /** Parameters are counted from `first`. Throws what `publish` throws before it writes. */
  publishing(records: readonly EncodedRecord[], first: number): StatementPart
}

export type BusErrorCode =
  | 'invalid_event'
  | 'too_large'
  | 'unavailable'
  /** something an operator must create is missing, such as a dead-letter topic or the schemas; the same call works once it exists */
  | 'not_prepared'
  | 'unknown_topic'
  | 'no_value'
  | 'bad_magic'
  | 'unknown_schema'
  | 'undecodable'
  | 'wrong_record'

/** The message of a thrown value. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Not the record's fault: it can be handled unchanged once the cause is gone. */
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
