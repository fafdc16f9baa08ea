/** Several replicas share what is watched. */
import { describe, expect, it, vi } from 'vitest'
import { LeaseLostError } from '../../agents/anomaly/leases.ts'
import { SHARDS, shardOf, shardsOf } from '../../agents/anomaly/shards.ts'
import type { AnomalyStore } from '../../agents/anomaly/store.ts'
import { CALLS, during, latencyOf, STEP } from '../analysis/watch/shop.ts'
import { listing, place } from './system.ts'

const SERVICES = Array.from({ length: 24 }, (_, at) => `service-${at}`)
const NOBODY = new Map<string, number>()

describe('shards', () => {
  it('have about equally many services', () => {
    const shards = shardsOf(
      'default',
      Array.from({ length: 1200 }, (_, at) => `service-${at}`),
      [],
      NOBODY,
    )
    const sizes = [...Map.groupBy(shards.values(), (shard) => shard).values()].map((same) => same.length)
    expect(sizes).toHaveLength(SHARDS)
    expect(Math.min(...sizes)).toBeGreaterThan(60)
    expect(Math.max(...sizes)).toBeLessThan(140)
  })

  it('hold services that call each other together, wherever the first of them was', () => {
    const together = shardsOf('default', ['store', 'front', 'cart', 'mail'], CALLS, NOBODY)
    expect(new Set(['store', 'front', 'cart'].map((one) => together.get(one)))).toEqual(new Set([shardOf('default', 'cart')])) // prettier-ignore
    expect(together.get('mail')).toBe(shardOf('default', 'mail'))
    const known = new Map([['front', (shardOf('default', 'cart') + 1) % SHARDS]])
    expect(shardsOf('default', ['store', 'front', 'cart'], CALLS, known).get('store')).toBe(known.get('front'))
  })

  it('keep the services that they have, whoever calls them later', () => {
    const known = new Map([['front', 1], ['store', 2]]) // prettier-ignore
    expect([...shardsOf('default', ['store', 'front', 'cart'], CALLS, known)].sort()).toEqual([['cart', 1], ['front', 1], ['store', 2]]) // prettier-ignore
  })
})

describe('replicas', { timeout: 120_000 }, () => {
  it('have their fair share each, and all of it when the others are gone', async () => {
    const { store, pool } = await place()
    const hold = async (owner: string, ms = 600_000) => {
      const leases = [...(await store.hold(owner, ms)).values()]
      return leases.filter((one) => one === 'renewed').length + '+' + leases.filter((one) => one === 'taken').length
    }
    expect([await hold('a'), await hold('a')]).toEqual(['0+12', '12+0'])
    // nothing is free for the second until the first has given up its half
    expect([await hold('b'), await hold('a'), await hold('b')]).toEqual(['0+0', '6+0', '0+6'])
    for (const other of ['c', 'd', 'e']) await hold(other)
    // the first two of five have one more
    expect([await hold('a'), await hold('b'), await hold('c'), await hold('d'), await hold('e')]).toEqual(['3+0', '3+0', '0+2', '0+2', '0+2']) // prettier-ignore
    for (const other of ['c', 'd', 'e']) await store.release(other)
    expect([await hold('a'), await hold('b')]).toEqual(['3+3', '3+3'])
    // it died: its lease runs out
    await pool.query(`UPDATE anomaly.replicas SET until = clock_timestamp() WHERE owner = 'b'`)
    await pool.query(`UPDATE anomaly.leases SET until = clock_timestamp() WHERE owner = 'b'`)
    expect(await hold('a')).toBe('6+6')
    // it was only asleep
    expect([await hold('b'), await hold('a'), await hold('b')]).toEqual(['0+0', '6+0', '0+6'])
  })

  it('announce each anomaly once while one joins, falls asleep for longer than its lease, and wakes up', async () => {
    const system = await place()
    let faultAt = Infinity
    const given = {
      measures: SERVICES.map((one) => latencyOf(one, (step) => during(faultAt, faultAt + 30, 400)(step))),
      controlPlane: listing(SERVICES.map((one) => ({ service: one }))),
      leaseMs: 2_000,
    }
    const owned = async (): Promise<number[]> => {
      const { rows } = await system.pool.query<{ count: number }>('SELECT count(*)::int FROM anomaly.leases WHERE until > clock_timestamp() GROUP BY owner') // prettier-ignore
      return rows.map(({ count }) => count)
    }
    const owners = (wanted: number[]) => vi.waitUntil(async () => String(await owned()) === String(wanted), { timeout: 60_000, interval: 20 }) // prettier-ignore
    // it falls asleep with what it is about to announce, and the other one has announced the same when it wakes up
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
    const lost: unknown[] = []
    let isAsleep = false
    const asleep = async <T>(work: () => Promise<T>): Promise<T> => {
      if (isAsleep) await woken
      return work()
    }
    const sleepy: AnomalyStore = {
      ...system.store,
      hold: (...all) => asleep(() => system.store.hold(...all)),
      publish: (bus) => asleep(() => system.store.publish(bus)),
      save(...all) {
        isAsleep ||= all[3] !== null
        return asleep(() => system.store.save(...all)).catch((error: unknown) => {
          lost.push(error)
          throw error
        })
      },
    }
    system.start(given)
    await owners([SHARDS])
    await system.until(60)
    system.start({ ...given, store: sleepy })
    await owners([SHARDS / 2, SHARDS / 2])
    faultAt = system.step() + 20
    await vi.waitUntil(() => isAsleep, { timeout: 60_000 })
    await owners([SHARDS])
    const announced = (phase: string) => system.announced().filter((one) => one.phase === phase).map(({ service }) => service).sort() // prettier-ignore
    await vi.waitUntil(() => announced('closed').length === SERVICES.length, { timeout: 60_000 })
    wake()
    await owners([SHARDS / 2, SHARDS / 2])
    await system.until(system.step() + 10)
    expect(lost[0]).toBeInstanceOf(LeaseLostError)
    expect(announced('opened')).toEqual(SERVICES.toSorted())
    expect(announced('closed')).toEqual(SERVICES.toSorted())
    expect(new Set(system.announced().map(({ since }) => since)).size).toBe(1)
    expect(system.announced()[0]!.occurred_at % STEP).toBe(0)
  })
})
