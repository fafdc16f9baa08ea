/** Contract tests: records that cannot be processed, and records that must not be written. */
import { randomUUID } from 'node:crypto'
import { expect, it, vi } from 'vitest'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { type DeadLetter, readDeadLetter, redriven } from '../../bus/dead-letter.ts'
import { cancel, type Listener, type listen, TOPIC } from './bench.ts'

interface Bench {
  bus: Bus
  attend(options?: Parameters<typeof listen>[1]): Promise<Listener>
  /** events of a key, numbered */
  encoded(key: string, from: number, to?: number): Promise<EncodedRecord[]>
}

export async function lettersOf(
  bus: Bus,
  key: string,
  matches = (found: string, wanted: string) => found === wanted,
): Promise<DeadLetter[]> {
  const found = []
  for await (const delivery of bus.browse(`${TOPIC}.assistant.dlq`))
    if (matches(delivery.key ?? '', key)) found.push(delivery)
  return found.map(readDeadLetter)
}

export function faultyRecords(bench: () => Bench) {
  it.each([
    ['without the magic byte', 'bad_magic', (good: Buffer) => Buffer.concat([Buffer.from('{'), good.subarray(1)])],
    ['of an unknown schema id', 'unknown_schema', (good: Buffer) => withSchemaId(good, 2_000_000_000)],
    ['with a missing field', 'undecodable', (good: Buffer) => good.subarray(0, good.length - 12)],
    ['without a value', 'no_value', () => Buffer.alloc(0)],
  ])('dead-letters a record %s with its origin, headers and bytes, and continues', async (_name, code, spoil) => {
    const { bus, attend, encoded } = bench()
    const key = randomUUID()
    const listener = await attend()
    const [before, poison, after] = await encoded(key, 0, 2)
    if (before === undefined || poison === undefined || after === undefined) throw new Error('three were encoded')
    const spoilt = { ...poison, value: spoil(poison.value), headers: { ...poison.headers, traceparent: '00-a-b-01' } }
    await bus.publish([before, spoilt, after])
    expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 2])
    const letters = await vi.waitFor(async () => {
      const found = await lettersOf(bus, key)
      expect(found).not.toEqual([])
      return found
    }, 60_000)
    expect(letters).toMatchObject([
      { code, key, group: listener.group, consumer: 'assistant', headers: spoilt.headers, origin: { topic: TOPIC } },
    ])
    expect(letters[0]?.value.equals(spoilt.value)).toBe(true)
    expect(letters[0]?.reason).not.toBe('')
    const place = Number(letters[0]?.origin.offset)
    const [first, last] = await listener.of(key, 2)
    expect(place).toBeGreaterThan(Number(first?.delivery.origin.offset))
    expect(place).toBeLessThan(Number(last?.delivery.origin.offset))
  })

  it('dead-letters a record of another event', async () => {
    const { bus, attend, encoded } = bench()
    const key = randomUUID()
    const listener = await attend()
    const [first, last] = await encoded(key, 0, 1)
    if (first === undefined || last === undefined) throw new Error('two were encoded')
    const progressed = {
      event_id: randomUUID(),
      session_id: key,
      sequence: 0,
      tenant: 'default',
      occurred_at: Date.now(),
      agent: 'assistant',
      run_id: 'a run',
      step: 'orient',
      progress: 5,
      message: {},
      findings: [],
    }
    const other = await bus.encode('DiagnosisProgressed', progressed)
    await bus.publish([first, { ...other, topic: TOPIC }, last])
    expect((await listener.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
    await vi.waitFor(async () => {
      const [letter] = await lettersOf(bus, key)
      expect(letter?.code).toBe('wrong_record')
      expect(letter?.reason).toMatch(/DiagnosisProgressed.*DiagnosisCancelRequested/)
    }, 60_000)
  })

  it('dead-letters a record the handler refuses, and redrives it as a new attempt', async () => {
    const { bus, attend, encoded } = bench()
    const key = randomUUID()
    const listener = await attend({
      reject: (one) => one.delivery.key === key && one.headers.sre_attempt === undefined && 'refused by\u0000this test',
    })
    await bus.publish(await encoded(key, 3))
    const [letter] = await vi.waitFor(async () => {
      const found = await lettersOf(bus, key)
      expect(found).toMatchObject([{ code: 'refused', reason: 'refused by\ufffdthis test' }])
      return found
    }, 60_000)
    if (letter === undefined) throw new Error('there is a letter')
    await bus.publish([redriven(letter)])
    const [first, again] = await listener.of(key, 2)
    expect(again?.value).toEqual(first?.value)
    expect(again?.headers.sre_attempt).toBe('1')
  })

  it('redelivers a redriven record only to the consumer that failed', async () => {
    const { bus, attend, encoded } = bench()
    const key = randomUUID()
    const listener = await attend({
      reject: (one) => one.delivery.key === key && one.headers.sre_attempt === undefined && 'refused by this test',
    })
    const [refused, spoilt, last] = await encoded(key, 0, 2)
    if (refused === undefined || spoilt === undefined || last === undefined) throw new Error('three were encoded')
    await bus.publish([refused, { ...spoilt, value: spoilt.value.subarray(0, 12) }])
    const letters = await vi.waitFor(async () => {
      const found = await lettersOf(bus, key)
      expect(found.map(({ code }) => code).sort()).toEqual(['refused', 'undecodable'])
      return found
    }, 60_000)
    const other = await attend({ consumer: 'gateway', from: 'latest' })
    await bus.publish([...letters.map(redriven), last])
    expect((await other.of(key, 1)).map((one) => one.value.sequence)).toEqual([2])
    expect((await listener.of(key, 3)).map((one) => one.value.sequence)).toEqual([0, 0, 2])
  })

  it('refuses a publish with an oversized record before it writes anything', async () => {
    const { bus, encoded } = bench()
    const key = randomUUID()
    const [good] = await encoded(key, 0)
    const large = await bus.encode('DiagnosisCancelRequested', { ...cancel(key, 1), reason: 'x'.repeat(1_100_000) })
    if (good === undefined) throw new Error('one was encoded')
    await expect(bus.publish([good, large])).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('1048576'),
    })
    for await (const delivery of bus.browse(TOPIC)) expect(delivery.key).not.toBe(key)
  })

  it('accepts a publish larger than the limit of one record', async () => {
    const { bus, attend } = bench()
    const key = randomUUID()
    const listener = await attend({ from: 'latest' })
    const large = await Promise.all(
      Array.from({ length: 12 }, (_, sequence) =>
        bus.encode('DiagnosisCancelRequested', { ...cancel(key, sequence), reason: 'x'.repeat(300_000) }),
      ),
    )
    await bus.publish(large)
    expect((await listener.of(key, 12)).map((one) => one.value.sequence)).toEqual(Array.from(large.keys()))
  })

  it('names every field of an event that does not match its schema', async () => {
    const { bus } = bench()
    const { reason: _reason, ...value } = { ...cancel(randomUUID(), 0), tenant: 5, extra: true }
    await expect(bus.encode('DiagnosisCancelRequested', value as never)).rejects.toMatchObject({
      code: 'invalid_event',
      message: expect.stringMatching(/tenant[^]*extra|extra[^]*tenant/),
    })
  })
}

const withSchemaId = (good: Buffer, id: number): Buffer => {
  const bytes = Buffer.from(good)
  bytes.writeUInt32BE(id, 1)
  return bytes
}
