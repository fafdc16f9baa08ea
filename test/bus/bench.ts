import { randomUUID } from 'node:crypto'
import { expect, vi } from 'vitest'
import type { Bus, Consumption, Observer, Received } from '../../bus/bus.ts'
import type { BusOptions } from '../../bus/create.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { DiagnosisCancelRequested } from '../../schemas/events.generated.ts'

export const contract = loadContract()
export const TOPIC = contract.topicOf('DiagnosisCancelRequested').name

type WithoutContract<Options> = Options extends unknown ? Omit<Options, 'contract'> : never
export type BusKind = WithoutContract<BusOptions>

export type Cancel = Extract<Received, { event: 'DiagnosisCancelRequested' }>

/** A small event; `sequence` is its position among the events of the key. */
export const cancel = (key: string, sequence: number): DiagnosisCancelRequested => ({
  event_id: randomUUID(),
  session_id: key,
  sequence,
  tenant: 'default',
  occurred_at: Date.now(),
  requested_by: 'test|test',
  reason: null,
})

interface ListenOptions {
  group?: string
  consumer?: string
  from?: 'earliest' | 'latest'
  /** collects the records; may be shared by members of a group */
  received?: Received[]
  before?(records: readonly Received[]): void
  observer?: Observer
  /** the reason to refuse a record, or false */
  reject?(record: Received): string | false
}

export interface Listener {
  group: string
  consumption: Consumption
  received: Received[]
  /** records this member has handled */
  handled(): number
  /** records of a key, without duplicates */
  seen(key: string): Cancel[]
  /** duplicates among the records of a key */
  repeats(key: string): Cancel[]
  /** waits for `count` distinct records of a key */
  of(key: string, count: number, limitMs?: number): Promise<Cancel[]>
  /** waits until no record has arrived for a while */
  quiet(): Promise<void>
}

export async function listen(bus: Bus, options: ListenOptions = {}): Promise<Listener> {
  const { group = `test-${randomUUID()}`, consumer = 'assistant', received = [], from = 'earliest' } = options
  let handled = 0
  let last = Date.now()
  const consumption = await bus.subscribe({
    group,
    consumer,
    topics: [TOPIC],
    from,
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    handle(records) {
      last = Date.now()
      options.before?.(records)
      received.push(...records)
      handled += records.length
      return Promise.resolve(
        records.flatMap((one) => {
          const reason = options.reject?.(one) ?? false
          return reason === false ? [] : [{ received: one, code: 'refused', reason }]
        }),
      )
    },
  })
  const all = (key: string) => received.filter((one): one is Cancel => one.delivery.key === key)
  const isFirst = (one: Cancel, place: number, among: readonly Cancel[]) =>
    among.findIndex((other) => identity(other) === identity(one)) === place
  const seen = (key: string) => all(key).filter(isFirst)
  return {
    group,
    consumption,
    received,
    handled: () => handled,
    seen,
    repeats: (key) => all(key).filter((...place) => !isFirst(...place)),
    of: (key, count, limitMs = 60_000) =>
      vi.waitFor(
        () => {
          const found = seen(key)
          expect(found).toHaveLength(count)
          return found
        },
        { timeout: limitMs, interval: 50 },
      ),
    quiet: () => vi.waitFor(() => expect(Date.now() - last).toBeGreaterThan(1500), { timeout: 60_000, interval: 100 }),
  }
}

/** A redrive has the same event id and a higher attempt. */
const identity = ({ value, headers }: Cancel) => `${value.event_id}/${headers.sre_attempt ?? 0}`
