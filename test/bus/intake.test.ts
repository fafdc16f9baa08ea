import { expect, it } from 'vitest'
import { BusError, type Delivery, messageOf } from '../../bus/bus.ts'
import type { Codec } from '../../bus/codec.ts'
import { createIntake } from '../../bus/intake.ts'
import { watchStanding } from '../../bus/standing.ts'
import { TOPIC } from './bench.ts'

const delivery = (offset: number): Delivery => ({
  origin: { topic: TOPIC, partition: 0, offset: String(offset), timestamp: 0 },
  key: 'k',
  value: Buffer.from([offset]),
  headers: {},
})
/** Records at odd offsets cannot be decoded. */
const codec: Pick<Codec, 'decode'> = {
  decode(one) {
    if (Number(one.origin.offset) % 2 === 1) return Promise.reject(new BusError('undecodable', 'odd'))
    return Promise.resolve({ event: 'DiagnosisCancelRequested', value: {}, headers: {}, delivery: one } as never)
  },
}

function intake(publish: (codes: readonly string[]) => void) {
  const handled: string[] = []
  const take = createIntake(
    {
      ...{ group: 'g', consumer: 'assistant', topics: [TOPIC] },
      handle(records) {
        handled.push(...records.map((one) => one.delivery.origin.offset))
        return Promise.resolve([])
      },
    },
    codec as Codec,
    async (records) => publish(records.map(({ headers }) => headers['dlq_offset'] ?? '')),
  )
  return { handled, take }
}

it('does not call the handler again when a dead letter cannot be written, and then writes the letter once', async () => {
  let away = true
  const written: string[] = []
  const { handled, take } = intake((offsets) => {
    if (away) throw new BusError('unavailable', 'away')
    written.push(...offsets)
  })
  const records = [0, 1, 2, 3].map(delivery)
  await expect(take(records)).rejects.toMatchObject({ code: 'unavailable' })
  // one more record has arrived
  await expect(take([...records, delivery(4)])).rejects.toMatchObject({ code: 'unavailable' })
  away = false
  await take([...records, delivery(4), delivery(5)])
  expect(handled).toEqual(['0', '2', '4'])
  expect(written).toEqual(['1', '3', '5'])
})

it('discards unwritten dead letters of records that another member has consumed', async () => {
  let away = true
  const { handled, take } = intake(() => {
    if (away) throw new BusError('unavailable', 'away')
  })
  await expect(take([delivery(0), delivery(1)])).rejects.toMatchObject({ code: 'unavailable' })
  away = false
  await take([delivery(2)])
  expect(handled).toEqual(['0', '2'])
})

it('truncates a dead letter further each time its topic refuses it', async () => {
  const sizes: number[] = []
  const take = createIntake(
    { group: 'g', consumer: 'assistant', topics: [TOPIC], handle: () => Promise.resolve([]) },
    codec as Codec,
    async ([letter]) => {
      sizes.push(letter?.value.length ?? -1)
      if (letter?.value.length !== 0) throw new BusError('too_large', 'of another mind')
    },
  )
  await take([{ ...delivery(1), value: Buffer.alloc(500_000) }])
  expect(sizes).toEqual([500_000, 65_536, 0])
})

it('reports a stuck partition once with its time, and when it recovers', () => {
  const told: string[] = []
  let now = 0
  const standing = watchStanding({
    limitMs: 30_000,
    now: () => now,
    observer: {
      putAside: () => undefined,
      stands: (_, reason) => told.push(reason),
      goesOn: () => told.push('goes on'),
    },
  })
  const place = { topic: TOPIC, partition: 3 }
  standing.failed(place, new Error('not now'))
  expect(standing.unhealthy()).toBeNull()
  for (now = 5000; now <= 40_000; now += 5000) standing.failed(place, new Error('not now'))
  expect(standing.unhealthy()).toBe(`${TOPIC}, partition 3, has been stuck since 1970-01-01T00:00:00.000Z: see the log`)
  expect(told).toEqual(['not now'])
  standing.moved(place)
  expect(standing.unhealthy()).toBeNull()
  expect(told).toEqual(['not now', 'goes on'])
  standing.failed(place, new BusError('not_prepared', 'no topic'))
  expect(standing.unhealthy()).toContain('no topic')
  now += 61_000
  expect(standing.unhealthy()).toBeNull()
})

it.each([
  ['unavailable', new BusError('unavailable', 'the schema registry: 500 at http://sre:geheim@registry')],
  ['28P01', Object.assign(new Error('password authentication failed for user "geheim"'), { code: '28P01' })],
  ['ECONNREFUSED', Object.assign(new Error('connect postgres://sre:geheim@db'), { code: 'ECONNREFUSED' })],
  ['see the log', Object.assign(new Error('no'), { code: 'https://sre:geheim@db' })],
  ['see the log', 'geheim'],
  ['see the log', null],
])('shows only %s in the health status and the full error in the log', (told, error) => {
  const logged: string[] = []
  let now = 0
  const standing = watchStanding({
    limitMs: 1000,
    now: () => now,
    observer: { putAside: () => undefined, stands: (_, reason) => logged.push(reason), goesOn: () => undefined },
  })
  for (; now < 3000; now += 1000) standing.failed({ topic: TOPIC, partition: 0 }, error)
  expect(standing.unhealthy()).toBe(`${TOPIC}, partition 0, has been stuck since 1970-01-01T00:00:00.000Z: ${told}`)
  expect(logged).toEqual([messageOf(error)])
})
