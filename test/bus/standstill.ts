/** Contract tests: no record may block a partition, and a partition blocked by a missing topic or schema is reported and loses nothing. */
import { createHash, randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import type { Bus, PutAside } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { redriven } from '../../bus/dead-letter.ts'
import { cancel, contract, type Listener, listen, TOPIC } from './bench.ts'
import { lettersOf } from './faulty-records.ts'
import type { LosableSchemas } from './lost-schemas.ts'

/** A record that ignores our size limits. */
export interface Written {
  key: string
  value: Buffer
  headers?: Record<string, string>
}

interface Bench {
  bus: Bus
  attend(options?: Parameters<typeof listen>[1]): Promise<Listener>
  /** writes all to one partition of the topic, in order */
  write(records: readonly Written[]): Promise<void>
  /** the ways in which a schema store can lose its schemas */
  schemas: readonly (() => Promise<LosableSchemas>)[]
}

const MB = 1_000_000
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

export function standstill(bench: () => Bench) {
  it('handles a backlog of large records in pieces', async () => {
    const { bus, attend } = bench()
    const key = randomUUID()
    const pieces: number[] = []
    for (let sequence = 0; sequence < 30; sequence++) {
      const large = { ...cancel(key, sequence), reason: 'x'.repeat(MB) }
      await bus.publish([await bus.encode('DiagnosisCancelRequested', large)])
    }
    const listener = await attend({
      before: (records) => pieces.push(records.reduce((sum, one) => sum + (one.delivery.value?.length ?? 0), 0)),
    })
    expect((await listener.of(key, 30)).map((one) => one.value.sequence)).toEqual(
      Array.from({ length: 30 }, (_, at) => at),
    )
    expect(Math.max(...pieces)).toBeLessThan(8 * MB)
    expect(listener.repeats(key)).toEqual([])
  })

  it.each([
    ['a value of 3 MB', 'value', { value: Buffer.alloc(3 * MB, 'y') }],
    ['a value of 20 MB', 'value', { value: Buffer.alloc(20 * MB, 'x') }],
    ['a header of 3 MB', 'headers', { headers: { large: 'x'.repeat(3 * MB), traceparent: '00-a-b-01' } }],
    ['headers of 3 MB', 'headers', { headers: Object.fromEntries(Array.from({ length: 30_000 }, (_, at) => [`h${at}`, 'x'.repeat(100)])) }], // prettier-ignore
    ['a key of 3 MB', 'key', { key: 'x'.repeat(3 * MB) }],
  ] as const)(
    'dead-letters a record with %s truncated, with its original size, and continues',
    async (_name, part, spoilt) => {
      const { bus, attend, write } = bench()
      const key = randomUUID()
      const aside: PutAside[] = []
      const listener = await attend({ from: 'latest', observer: { ...UNHEARD, putAside: (one) => aside.push(one) } })
      const [before, after] = await Promise.all(
        [0, 1].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
      )
      const record = { key, value: Buffer.from('{"not": "avro"}'), ...spoilt }
      await write([before!, record, after!])
      expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
      await vi.waitFor(() => expect(aside).toMatchObject([{ shortened: true, consumer: 'assistant' }]), 60_000)
      const letter = await vi.waitFor(async () => {
        const all = await lettersOf(bus, record.key.slice(0, key.length), (found, wanted) => found.startsWith(wanted))
        const found = all.find((one) => one.origin.offset === aside[0]?.origin.offset)
        if (found === undefined) throw new Error('there is no letter yet')
        return found
      }, 60_000)
      const whole = { value: record.value, key: Buffer.from(record.key), headers: null }[part]
      expect(Object.keys(letter.shortened)).toEqual([part])
      if (whole !== null) expect(letter.shortened[part]).toEqual({ bytes: whole.length, sha256: sha256(whole) })
      else expect(letter.shortened[part]?.bytes).toBeGreaterThan(3 * MB)
      expect(record.value.subarray(0, letter.value.length).equals(letter.value)).toBe(true)
      if ('headers' in spoilt && 'traceparent' in spoilt.headers)
        expect(letter.headers).toMatchObject({ traceparent: '00-a-b-01' })
      expect(() => redriven(letter)).toThrow('incomplete')
      expect(listener.repeats(key)).toEqual([])
      expect(listener.consumption.unhealthy()).toBeNull()
    },
  )

  it('dead-letters a record with an oversized reason and with headers that look like dead-letter headers', async () => {
    const { bus, attend } = bench()
    const key = randomUUID()
    const listener = await attend({ from: 'latest', reject: (one) => one.delivery.key === key && 'no '.repeat(MB) })
    const theirs = { dlq_shortened: 'value', dlq_no_key: 'true', dlq_redriven: '0/1', dlq_theirs_x: 'y' }
    await bus.publish([await bus.encode('DiagnosisCancelRequested', cancel(key, 0), theirs)])
    await listener.of(key, 1)
    const [letter] = await vi.waitFor(async () => {
      const found = await lettersOf(bus, key)
      expect(found).toMatchObject([{ code: 'refused', key, headers: theirs, shortened: {} }])
      return found
    }, 60_000)
    expect(letter?.reason.length).toBe(8000)
    expect(redriven(letter!).headers).toMatchObject(theirs)
  })

  it('stops at a bad record if no dead-letter topic exists, says why, and does not handle other records twice', async () => {
    const { bus, attend } = bench()
    const key = randomUUID()
    const stands: string[] = []
    const listener = await attend({
      from: 'latest',
      consumer: 'nobody',
      observer: { ...UNHEARD, stands: (_place, reason) => stands.push(reason) },
    })
    const [first, spoilt, last] = await Promise.all([0, 1, 2].map((at) => bus.encode('DiagnosisCancelRequested', cancel(key, at)))) // prettier-ignore
    await bus.publish([first!, { ...spoilt!, value: Buffer.from('nonsense') }, last!])
    await vi.waitFor(() => expect(listener.consumption.unhealthy()).toContain(`${TOPIC}.nobody.dlq`), 60_000)
    expect(listener.consumption.unhealthy()).toContain('sre topics apply')
    // meanwhile the records are retried
    await new Promise((resolve) => setTimeout(resolve, 4000))
    expect(stands).toHaveLength(1)
    expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 2])
    expect(listener.repeats(key)).toEqual([])
  })

  it('stops while the schema store has lost its schemas, says why, and loses nothing', async () => {
    for (const schemas of bench().schemas) await losesNothing(bench().bus, await schemas())
  })
}

async function losesNothing(bus: Bus, store: LosableSchemas): Promise<void> {
  const key = randomUUID()
  const own = await createBus({ ...store.options, contract } as BusOptions)
  const told: string[] = []
  await store.lose()
  try {
    const listener = await listen(own, {
      from: 'latest',
      observer: {
        putAside: () => told.push('put aside'),
        stands: (_place, reason) => told.push(reason),
        goesOn: () => told.push('goes on'),
      },
    })
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, at) => bus.encode('DiagnosisCancelRequested', cancel(key, at))),
    )
    await bus.publish(all)
    await vi.waitFor(
      () => expect(listener.consumption.unhealthy()).toMatch(/has been stuck.*(schema|registry)/),
      60_000,
    )
    expect(listener.seen(key)).toEqual([])
    await store.giveBack()
    expect((await listener.of(key, 20)).map((one) => one.value.sequence)).toEqual(Array.from(all.keys()))
    await vi.waitFor(() => expect(listener.consumption.unhealthy()).toBeNull(), 60_000)
    expect(told).toEqual([expect.stringMatching(/schema|registry/), 'goes on'])
    expect(await lettersOf(bus, key)).toEqual([])
  } finally {
    await own.close()
    await store.close()
  }
}

const UNHEARD = { putAside: () => undefined, stands: () => undefined, goesOn: () => undefined }
