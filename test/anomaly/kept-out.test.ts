/** What is kept out of the announcements, as the agent learns it from the bus. */
import { v7 as uuid } from 'uuid'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { anomalyId } from '../../agents/anomaly/events.ts'
import { followExceptions } from '../../agents/anomaly/follow-exceptions.ts'
import { NEVER } from '../../agents/anomaly/policy.ts'
import { forgetAnomalies } from '../../agents/anomaly/store.ts'
import { logging } from '../../bus/observer.ts'
import { createLog } from '../../cli/log.ts'
import type { AnomalyExpected, ChangeRecorded } from '../../schemas/events.generated.ts'
import { at, during, errorsOf, latencyOf, type Measure, noise } from '../analysis/watch/shop.ts'
import { contract } from '../bus/bench.ts'
import { place, type Place } from './system.ts'

const FAULT = during(100, 130, 400)
const ALL = ['front', 'cart', 'store'].map((one) => latencyOf(one, FAULT))
const LONG_AGO = 0

/** Tells the agent's consumer of this, and waits until it knows. */
async function told(system: Place, ...events: AnomalyExpected[]): Promise<void> {
  const { bus, pool } = system
  const following = await followExceptions({ bus, contract, pool, observer: logging(createLog({ level: 'silent' })) })
  onTestFinished(() => following.stop())
  const all = [...events, expected({ services: [], until: at(1_000) })]
  await bus.publish(await Promise.all(all.map((one) => bus.encode('AnomalyExpected', one))))
  const latest = [...Map.groupBy(all, ({ anomaly_id }) => anomaly_id)].map(([id, same]) => ({ id, told_at: Math.max(...same.map((one) => one.occurred_at)) })) // prettier-ignore
  const known = async () => {
    const { rowCount } = await pool.query('SELECT FROM anomaly.exceptions JOIN json_to_recordset($1) AS n (id text, told_at bigint) USING (id, told_at)', [JSON.stringify(latest)]) // prettier-ignore
    return rowCount === latest.length
  }
  await vi.waitUntil(known, { timeout: 60_000, interval: 20 })
}

const expected = (over: Partial<AnomalyExpected> = {}): AnomalyExpected => ({
  ...{ event_id: uuid(), session_id: null, sequence: 0, tenant: 'default', occurred_at: at(110), anomaly_id: uuid() },
  ...{ services: ['front', 'cart', 'store'], indicators: ['latency_p95'], until: at(120), reason: null },
  ...{ expected_by: 'issuer|alice', role: 'team_manager', ...over },
})

const phases = (system: Place) =>
  system.announced().map(({ phase, ending, occurred_at }) => [phase, ending, occurred_at])
const closings = (system: Place, count: number) => vi.waitUntil(() => system.announced().filter(({ phase }) => phase === 'closed').length === count, { timeout: 60_000 }) // prettier-ignore

describe('what people expect', { timeout: 120_000 }, () => {
  it('closes the anomaly, is kept out until then and counted, and is announced if it lasts longer', async () => {
    const system = await place()
    await told(system, expected())
    const agent = system.start({ measures: ALL })
    await closings(system, 2)
    expect(phases(system)).toEqual([
      ['opened', null, at(101)],
      ['closed', 'expected', at(110)],
      ['opened', null, at(120)],
      ['closed', 'recovered', at(141)],
    ])
    expect(agent.keptOut()).toEqual({ maintenance: 0, expected: 3, deployment: 0 })
  })

  it('is the anomaly as it is by then, not only as it was announced', async () => {
    const system = await place()
    const announced = { anomaly_id: anomalyId('default', `store@${at(101)}`), services: ['store'] }
    await told(system, expected({ ...announced, until: at(500) }))
    const grown = [...ALL, { ...latencyOf('cart', during(104, 130, 400)), indicator: 'latency_p99' }]
    system.start({ measures: grown })
    await closings(system, 1)
    expect(phases(system)).toEqual([
      ['opened', null, at(101)],
      ['closed', 'expected', at(110)],
    ])
    expect(system.announced()[0]).toMatchObject({ anomaly_id: announced.anomaly_id })
    await system.until(150)
    expect(phases(system)).toHaveLength(2)
  })

  it('keeps out what it kept out before, when it is said again', async () => {
    const system = await place()
    const about = { anomaly_id: uuid(), occurred_at: at(50) }
    await told(system, expected(about), expected({ ...about, occurred_at: at(60), services: ['mail'], until: at(70) }))
    const known = await system.store.exceptions('default', LONG_AGO)
    expect(known.find(({ id }) => id === about.anomaly_id)).toMatchObject({
      ...{ services: ['cart', 'front', 'mail', 'store'], indicators: ['latency_p95'], start: at(60), end: at(70) },
    })
  })

  it('is about these indicators: failures are announced', async () => {
    const system = await place()
    await told(system, expected({ occurred_at: at(90), until: at(500) }))
    system.start({ measures: [...ALL, errorsOf('cart', during(110, 130, 0.3))] })
    await closings(system, 1)
    expect(system.announced()[0]).toMatchObject({ service: 'cart', occurred_at: at(111), series: [{ indicator: 'error_ratio' }] }) // prettier-ignore
  })

  it('is what was said last, whatever the order in which it arrives', async () => {
    const system = await place()
    const about = { anomaly_id: uuid() }
    const undone = expected({ ...about, occurred_at: at(60), until: at(60) })
    await told(system, undone, expected({ ...about, occurred_at: at(50), until: at(500) }))
    const known = await system.store.exceptions('default', LONG_AGO)
    expect(known.filter(({ services }) => services.length > 0)).toMatchObject([{ start: at(60), end: at(60) }])
  })
})

describe('what the policy keeps out', { timeout: 120_000 }, () => {
  it('is announced maintenance, and for a while what is not severe after a deployment', async () => {
    const system = await place()
    const { bus, pool } = system
    const change: ChangeRecorded = {
      ...{
        event_id: uuid(),
        session_id: null,
        sequence: 0,
        tenant: 'default',
        occurred_at: at(90),
        change_id: 'rollout',
      },
      ...{ service: 'mail', namespace: null, type: 'DEPLOYMENT', author: null, summary: 'mail 2', before: null, after: null, deployment_id: null }, // prettier-ignore
    }
    const others = { ...change, event_id: uuid(), change_id: 'scaling', type: 'SCALE', service: 'front' }
    const later = { ...change, event_id: uuid(), occurred_at: at(200) }
    await bus.publish(await Promise.all([later, others, change].map((one) => bus.encode('ChangeRecorded', one))))
    await told(system)
    const recorded = async () => (await pool.query('SELECT FROM anomaly.deployments WHERE deployed_at = $1', [at(90)])).rowCount === 1 // prettier-ignore
    await vi.waitUntil(recorded, { timeout: 60_000, interval: 20 })
    const memory: Measure = { service: 'mail', indicator: 'memory', unit: 'bytes', value: (step) => 1e9 + 1e7 * noise(step) + during(100, 130, 2e9)(step) } // prettier-ignore
    const agent = system.start({
      measures: [...ALL, memory],
      policy: {
        ...NEVER,
        maintenance: [
          { services: ['front', 'cart', 'st*'], indicators: null, window: { start: at(95), end: at(120) } },
        ],
        deployments: { ms: at(110) - at(90), leastSeverity: 'critical' },
      },
    })
    await closings(system, 2)
    expect(system.announced().map(({ phase, service, occurred_at }) => [phase, service, occurred_at])).toEqual([
      ['opened', 'mail', at(110)],
      ['opened', 'store', at(120)],
      ['closed', expect.any(String), at(141)],
      ['closed', expect.any(String), at(141)],
    ])
    expect(agent.keptOut()).toEqual({ maintenance: 3, expected: 0, deployment: 1 })
    const kept = () => system.store.deployments('default', LONG_AGO)
    const forget = async (before: number) =>
      Promise.all(forgetAnomalies(pool).map((each) => each(new Date(before), 100)))
    await forget(at(90))
    expect(await kept()).toEqual([{ service: 'mail', at: at(90) }])
    await forget(at(90) + 1)
    expect(await kept()).toEqual([])
  })
})
