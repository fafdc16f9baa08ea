/** The contract that every bus implementation must pass. */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Bus, EncodedRecord, Received } from '../../bus/bus.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { environmentOfKilled } from '../crash/environment.ts'
import { type BusKind, cancel, contract, type Listener, listen, TOPIC } from './bench.ts'
import { claimedRecords } from './claimed-records.ts'
import { faultyRecords, lettersOf } from './faulty-records.ts'
import { lagging } from './lagging.ts'
import type { LosableSchemas } from './lost-schemas.ts'
import { standstill, type Written } from './standstill.ts'

const MEMBER = join(import.meta.dirname, 'member.ts')
const OUTAGE_MS = 30_000

export interface Setting {
  options: BusKind
  /** stops the broker or database; `back` restarts it with its data */
  away(): Promise<void>
  back(): Promise<void>
  /** writes to one partition of the topic, bypassing our size limits */
  write(records: readonly Written[]): Promise<void>
  schemas: readonly (() => Promise<LosableSchemas>)[]
  tearDown(): Promise<void>
}

export function busContract(name: string, setUp: () => Promise<Setting>, more?: (setting: () => Setting) => void) {
  describe(`the bus over ${name}`, { timeout: 180_000 }, () => {
    let setting: Setting
    let bus: Bus
    const listeners: Listener[] = []
    const children: ChildProcess[] = []
    // shorter than the outage: a consumer must not count as dead during one
    const open = () => createBus({ ...setting.options, contract, silentMs: OUTAGE_MS / 2 } as BusOptions)

    beforeAll(async () => {
      setting = await setUp()
      bus = await open()
    }, 180_000)
    afterEach(async () => {
      for (const child of children.splice(0)) child.kill('SIGKILL')
      await Promise.all(listeners.splice(0).map(({ consumption }) => consumption.stop()))
    })
    afterAll(async () => {
      await bus?.close()
      await setting?.tearDown()
    }, 180_000)

    const attend = async (options: Parameters<typeof listen>[1] = {}): Promise<Listener> => {
      const listener = await listen(bus, options)
      listeners.push(listener)
      return listener
    }
    const encoded = (key: string, from: number, to = from): Promise<EncodedRecord[]> =>
      Promise.all(
        Array.from({ length: to - from + 1 }, (_, place) =>
          bus.encode('DiagnosisCancelRequested', cancel(key, from + place)),
        ),
      )
    it('delivers a published event with its headers and origin', async () => {
      const key = randomUUID()
      const listener = await attend()
      const value = cancel(key, 7)
      await bus.publish([await bus.encode('DiagnosisCancelRequested', value, { traceparent: '00-a-b-01' })])
      const [received] = await listener.of(key, 1)
      expect(received).toMatchObject({ event: 'DiagnosisCancelRequested', value })
      expect(received?.headers).toMatchObject({
        traceparent: '00-a-b-01',
        ce_id: value.event_id,
        ce_type: 'sre.DiagnosisCancelRequested',
        ce_specversion: '1.0',
        ce_subject: key,
      })
      expect(received?.delivery).toMatchObject({ key, origin: { topic: TOPIC } })
      expect(Math.abs(Date.now() - (received?.delivery.origin.timestamp ?? 0))).toBeLessThan(60_000)
    })

    it('keeps the order per key across many concurrent publishes', async () => {
      const keys = Array.from({ length: 8 }, () => randomUUID())
      const listener = await attend()
      await Promise.all(
        keys.map(async (key) => {
          for (let from = 0; from < 60; from += 20) await bus.publish(await encoded(key, from, from + 19))
        }),
      )
      for (const key of keys) {
        const received = await listener.of(key, 60)
        expect(received.map((one) => one.value.sequence)).toEqual(Array.from({ length: 60 }, (_, place) => place))
      }
    })

    it('shares partitions between members that join and leave, without losing records', async () => {
      const group = `members-${randomUUID()}`
      const keys = Array.from({ length: 24 }, () => randomUUID())
      const publishRound = async (round: number) =>
        bus.publish((await Promise.all(keys.map((key) => encoded(key, round)))).flat())
      const first = await attend({ group })
      await publishRound(0)
      const seen: Received[] = first.received
      const second = await attend({ group, received: seen })
      for (let round = 1; round < 5; round++) await publishRound(round)
      // until the rebalance gives the second member partitions
      let round = 5
      await vi.waitFor(
        async () => {
          await publishRound(round++)
          expect(second.handled()).toBeGreaterThan(0)
        },
        { timeout: 60_000, interval: 500 },
      )
      await first.consumption.stop()
      await publishRound(round)
      for (const key of keys) {
        const received = await second.of(key, round + 1, 40_000)
        expect(received.map((one) => one.value.sequence)).toEqual(Array.from({ length: round + 1 }, (_, at) => at))
      }
    })

    it('delivers every record to every group, and earlier records to a new group unless it starts at latest', async () => {
      const key = randomUUID()
      await bus.publish(await encoded(key, 0))
      const latest = await attend({ from: 'latest' })
      const earliest = await attend()
      await bus.publish(await encoded(key, 1))
      expect((await earliest.of(key, 2)).map((one) => one.value.sequence)).toEqual([0, 1])
      expect((await latest.of(key, 1)).map((one) => one.value.sequence)).toEqual([1])
    })

    it('redelivers records of a member that was killed before it committed', async () => {
      const key = randomUUID()
      const group = `killed-${randomUUID()}`
      await bus.publish(await encoded(key, 0, 4))
      const child = spawn(process.execPath, [MEMBER], {
        env: { ...environmentOfKilled(), MEMBER: JSON.stringify({ options: setting.options, group, key }) },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      children.push(child)
      for await (const line of createInterface({ input: child.stdout })) if (line === 'in hand') break
      child.kill('SIGKILL')
      await once(child, 'exit')
      const heir = await attend({ group })
      expect((await heir.of(key, 5, 40_000)).map((one) => one.value.sequence)).toEqual([0, 1, 2, 3, 4])
    })

    it('redelivers the same records in order when a handler throws', async () => {
      const key = randomUUID()
      let failures = 2
      // start at latest: records of earlier tests could split these into two batches
      const listener = await attend({
        from: 'latest',
        before: (records) => {
          if (records.some((one) => one.delivery.key === key) && failures-- > 0) throw new Error('not now')
        },
      })
      await bus.publish(await encoded(key, 0, 2))
      expect((await listener.of(key, 3)).map((one) => one.value.sequence)).toEqual([0, 1, 2])
      expect(failures).toBeLessThan(0)
      expect(await lettersOf(bus, key)).toEqual([])
    })

    it('continues with other partitions while the handler throws for one', async () => {
      const [stuck, ...keys] = [randomUUID(), ...Array.from({ length: 24 }, () => randomUUID())]
      const listener = await attend({
        from: 'latest',
        before: (records) => {
          if (records.some((one) => one.delivery.key === stuck)) throw new Error('never')
        },
      })
      for (const key of [stuck, ...keys]) await bus.publish(await encoded(key, 0))
      const partitions = await vi.waitFor(async () => {
        const lie = new Map<string | null, number>()
        for await (const { key, origin } of bus.browse(TOPIC)) lie.set(key, origin.partition)
        expect([stuck, ...keys].filter((key) => !lie.has(key))).toEqual([])
        return lie
      }, 60_000)
      const others = keys.filter((key) => partitions.get(key) !== partitions.get(stuck))
      expect(others).not.toEqual([])
      for (const key of others) await listener.of(key, 1)
      expect(listener.seen(stuck)).toEqual([])
    })

    faultyRecords(() => ({ bus, attend, encoded }))
    claimedRecords(() => bus)
    lagging(() => ({ bus, attend, encoded }))

    it('delivers nothing while paused and everything after resume', async () => {
      const key = randomUUID()
      const paused = await attend()
      await paused.quiet()
      const other = await attend()
      paused.consumption.pause()
      await bus.publish(await encoded(key, 0, 9))
      await other.of(key, 10)
      expect(paused.seen(key)).toEqual([])
      expect(paused.consumption.unhealthy()).toBeNull()
      paused.consumption.resume()
      expect((await paused.of(key, 10)).map((one) => one.value.sequence)).toEqual(
        Array.from({ length: 10 }, (_, at) => at),
      )
    })

    it('reports a running consumer as healthy and a stopped one as unhealthy', async () => {
      const listener = await attend()
      expect(await bus.health()).toEqual({ ok: true, reason: null })
      expect(listener.consumption.unhealthy()).toBeNull()
      await listener.consumption.stop()
      expect(listener.consumption.unhealthy()).toContain('stopped')
    })

    it('closes within the shutdown limit although a handler never returns', async () => {
      const key = randomUUID()
      const own = await createBus({ ...setting.options, contract, shutdownMs: 500 } as BusOptions)
      const { inHand } = await hanging(own, key)
      await bus.publish(await encoded(key, 0))
      await inHand
      const begun = Date.now()
      await own.close()
      // the default limit is ten seconds
      expect(Date.now() - begun).toBeLessThan(9500)
    })

    it('reports a hanging consumer as dead while the bus answers', async () => {
      const key = randomUUID()
      const own = await createBus({ ...setting.options, contract, shutdownMs: 2000, silentMs: 9000 } as BusOptions)
      const { consumption } = await hanging(own, key)
      const idle = await listen(own, { from: 'latest' })
      idle.consumption.pause()
      await bus.publish(await encoded(key, 0))
      expect((await consumption.failed).message).toContain('no sign of life')
      expect(await Promise.race([idle.consumption.failed, 'alive'])).toBe('alive')
      await own.close()
    })

    it(
      'neither loses nor repeats records over a 30 s outage of the broker or database',
      { timeout: 180_000 },
      async () => {
        const key = randomUUID()
        const listener = await attend()
        await bus.publish(await encoded(key, 0, 4))
        await listener.of(key, 5)
        await listener.quiet()
        await setting.away()
        const gone = Date.now()
        const published = (async () => {
          for (const record of await encoded(key, 5, 9)) await publishUntilTaken(bus, record)
        })()
        await vi.waitFor(async () => expect(await bus.health()).toMatchObject({ ok: false }), 60_000)
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, gone + OUTAGE_MS - Date.now())))
        await setting.back()
        await published
        const received = await listener.of(key, 10, 60_000)
        expect(received.map((one) => one.value.sequence)).toEqual(Array.from({ length: 10 }, (_, at) => at))
        // records committed before the outage are not redelivered
        expect(listener.repeats(key).filter((one) => one.value.sequence < 5)).toEqual([])
        await vi.waitFor(() => expect(listener.consumption.unhealthy()).toBeNull(), 60_000)
        expect(await Promise.race([listener.consumption.failed, 'alive'])).toBe('alive')
      },
    )

    more?.(() => setting)
    // last, because it leaves many megabytes on the topic, which a group that starts at earliest has to read
    standstill(() => ({ bus, attend, ...setting }))
  })
}

/** A consumer whose handler never returns. */
async function hanging(bus: Bus, key: string) {
  const { promise: inHand, resolve } = Promise.withResolvers<void>()
  const consumption = await bus.subscribe({
    group: `hanging-${randomUUID()}`,
    consumer: 'assistant',
    topics: [TOPIC],
    handle(records) {
      if (records.some((one) => one.delivery.key === key)) resolve()
      return new Promise(() => undefined)
    },
    from: 'latest',
  })
  return { consumption, inHand }
}

/** Retries the same record while the bus is unavailable, as every caller does. */
async function publishUntilTaken(bus: Bus, record: EncodedRecord): Promise<void> {
  for (;;) {
    try {
      return await bus.publish([record])
    } catch (error) {
      if ((error as { code?: string }).code !== 'unavailable') throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  }
}
