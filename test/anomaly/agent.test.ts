import { describe, expect, it, vi } from 'vitest'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import { NEVER, type Policy } from '../../agents/anomaly/policy.ts'
import { createTenants } from '../../tenants/tenants.ts'
import { during, latencyOf, START, STEP } from '../analysis/watch/shop.ts'
import { place, type Place } from './system.ts'

const FAULT = during(100, 130, 400)
const ALL = ['front', 'cart', 'store', 'mail'].map((one) => latencyOf(one, one === 'mail' ? undefined : FAULT))
const POLICY: Policy = { ...NEVER, services: ['*'], leastSeverity: 'warning', forecasts: false, perHour: 5, perDay: 5, coolDownMs: 0 } // prettier-ignore

const NOTHING = { stepMs: STEP, series: [], open: [] }

const phases = (system: Place): string[] => system.announced().map(({ phase, service, sequence }) => `${sequence} ${phase} ${service}`) // prettier-ignore
const ONCE = ['0 opened store', '1 closed store']
const over = (system: Place) => vi.waitUntil(() => system.announced().some(({ phase }) => phase === 'closed'), { timeout: 60_000 }) // prettier-ignore

describe('the anomaly agent', { timeout: 120_000 }, () => {
  it('announces what goes off together once, and asks for one diagnosis of it', async () => {
    const system = await place()
    system.start({ measures: ALL, policy: POLICY })
    await over(system)
    expect(phases(system)).toEqual(ONCE)
    const [opened, closed] = system.announced()
    expect(opened).toMatchObject({ tenant: 'default', namespace: 'shop', severity: 'critical', since: START + 100 * STEP, step_ms: STEP, ending: null }) // prettier-ignore
    expect(opened!.series[0]).toMatchObject({ indicator: 'latency_p95', unit: 'ms', direction: 'above' })
    expect(closed).toMatchObject({ anomaly_id: opened!.anomaly_id, ending: 'recovered' })
    expect(system.asked()).toMatchObject([
      {
        ...{ session_id: opened!.anomaly_id, kind: 'alert', service: 'store', namespace: 'shop', severity: 'P1' },
        ...{ requested_by: 'sre|sre-anomaly', affected_services: expect.arrayContaining(['front', 'cart', 'store']) },
        context: { trigger: 'anomaly', anomaly_id: opened!.anomaly_id, reason: expect.stringContaining('latency_p95 above its expected range') }, // prettier-ignore
      },
    ])
  })

  it('announces only, without a policy', async () => {
    const system = await place()
    system.start({ measures: ALL })
    await over(system)
    expect(system.asked()).toEqual([])
  })

  it.each(['before it is stored', 'after it is stored', 'after it is published'])(
    'announces once if it dies %s',
    async (when) => {
      const system = await place()
      const { store } = system
      let died = 0
      // each conclusion fails once at this place, which loses what the process knows
      const dying: typeof store = {
        ...store,
        async save(...given) {
          const isFirst = given[3] !== null && died++ % 2 === 0
          if (isFirst && when === 'before it is stored') throw new Error('died')
          await store.save(...given)
          if (isFirst && when === 'after it is stored') throw new Error('died')
        },
        publish: (bus) =>
          store.publish({
            async publish(records) {
              await bus.publish(records)
              if (when === 'after it is published' && died++ % 2 === 0) throw new Error('died')
            },
          }),
      }
      system.start({ measures: ALL, policy: POLICY, store: dying })
      await over(system)
      expect(died).toBeGreaterThan(1)
      expect(phases(system)).toEqual(ONCE)
      expect(system.asked()).toHaveLength(1)
    },
  )

  it('continues after a restart in the middle of an anomaly, and catches up with what it missed', async () => {
    const system = await place()
    const first = system.start({ measures: ALL, policy: POLICY })
    await vi.waitUntil(() => system.announced().length > 0, { timeout: 60_000 })
    await first.stop()
    const second = system.start({ measures: ALL, policy: POLICY })
    await over(system)
    expect(phases(system)).toEqual(ONCE)
    expect(system.asked()).toHaveLength(1)
    await vi.waitUntil(() => second.open().length === 0)
  })

  it.each([
    ['what another release has stored in a form of its own', STEP],
    ['at other steps', 2 * STEP],
  ])('learns again %s, and closes the anomalies that it can follow no more', async (_, stepMs) => {
    const system = await place()
    const owner = 'another release'
    await system.store.hold(owner, 60_000)
    const detector = JSON.stringify({ format: 0 })
    const series = { identity: { service: 'cart', indicator: 'latency_p95' }, detector, tail: { observed: 0, peaks: 0, excess: 0 }, last: START, recent: [], excursion: null, ended: null } // prettier-ignore
    const told: Anomaly = { id: 'cart@0', phase: 'updated', sequence: 1, service: 'cart', services: ['cart'], severity: 'info', score: 3, since: 0, at: START, series: [], ending: null, joined: null } // prettier-ignore
    const open = [{ told, members: ['cart'], calm: 0 }]
    const watcher = { stepMs, closedUntil: START, services: [{ service: 'cart', series: [series] }], open }
    await system.store.save(owner, { tenant: 'default', shard: 0 }, { watcher, outlook: NOTHING }, null)
    await system.store.release(owner)
    system.start({ measures: ALL, policy: POLICY })
    await vi.waitUntil(() => system.announced().length === 3, { timeout: 60_000 })
    expect(phases(system)).toEqual(['2 closed cart', ...ONCE])
    expect(system.announced()[0]).toMatchObject({ ending: 'no_data' })
  })

  it('tells at its first start what is going on, not what is over', async () => {
    const system = await place()
    const from = (start: number) => (step: number) => (step >= start ? 400 : 0)
    const measures = [latencyOf('mail', during(100, 120, 400)), latencyOf('cart', from(150)), latencyOf('front', from(170))] // prettier-ignore
    system.start({ measures, clock: () => START + Math.max(200, system.step()) * STEP })
    await vi.waitUntil(() => system.announced().length > 0, { timeout: 60_000 })
    expect(phases(system)).toEqual(['0 opened cart'])
    expect(system.announced()[0]!.services.toSorted()).toEqual(['cart', 'front'])
  })

  it('catches up with what was measured while it could not ask', async () => {
    const system = await place()
    system.start({ measures: ALL, policy: POLICY, fails: (step) => step >= 95 && step < 160 })
    await over(system)
    expect(phases(system)).toEqual(ONCE)
    expect(system.announced()[0]!.occurred_at).toBe(START + 101 * STEP)
    // it was over before anybody could look at it
    expect(system.asked()).toEqual([])
  })

  it('watches the services it knows while they cannot be listed', async () => {
    const system = await place()
    system.start({ measures: ALL, isListed: (step) => step < 50 })
    await over(system)
    expect(phases(system)).toEqual(ONCE)
  })

  it('watches a tenant whatever becomes of another one', async () => {
    const system = await place()
    const tenants = createTenants(new Map([['unmeasured', { services: ['cart'] }], ['measured', { services: ['mail'] }]])) // prettier-ignore
    system.start({ measures: [latencyOf('mail', FAULT)], tenants, fails: (_step, service) => service === 'cart' })
    await over(system)
    expect(system.announced().map(({ tenant, phase }) => `${tenant} ${phase}`)).toEqual(['measured opened', 'measured closed']) // prettier-ignore
  })

  it('watches on while the process it took over from is still publishing', async () => {
    const system = await place()
    const { store } = system
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let isStuck = false
    const stuck: typeof store = {
      ...store,
      publish: (bus) =>
        store.publish({
          async publish(records) {
            isStuck = true
            await released
            await bus.publish(records)
          },
        }),
    }
    system.start({ measures: ALL, policy: POLICY, leaseMs: 200, store: stuck })
    await vi.waitUntil(() => isStuck, { timeout: 60_000 })
    await vi.waitUntil(async () => (await store.hold('nobody', 0)).size > 0, { timeout: 60_000 })
    system.start({ measures: ALL, policy: POLICY })
    await system.until(200)
    expect(system.announced()).toEqual([])
    release()
    await over(system)
    expect(phases(system)).toEqual(ONCE)
    // another topic, which may be read later
    await vi.waitUntil(() => system.asked().length > 0, { timeout: 60_000 })
    expect(system.asked()).toHaveLength(1)
  })
})
