/** What is kept out of the announcements, as the agent learns it from the bus. */
import { v7 as uuid } from 'uuid'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { followExceptions } from '../../agents/anomaly/follow-exceptions.ts'
import type { Bus, EncodedRecord } from '../../bus/bus.ts'
import { logging } from '../../bus/observer.ts'
import { createLog } from '../../cli/log.ts'
import type { AnomalyExpected } from '../../schemas/events.generated.ts'
import { at, during, errorsOf, latencyOf } from '../analysis/watch/shop.ts'
import { contract } from '../bus/bench.ts'
import { place, type Place } from './system.ts'

const FAULT = during(100, 130, 400)
const ALL = ['front', 'cart', 'store'].map((one) => latencyOf(one, FAULT))
const LONG_AGO = 0

/** Tells the agent's consumer of this, and waits until it knows. */
async function told(system: Place, ...events: ((bus: Bus) => Promise<EncodedRecord>)[]): Promise<void> {
  const { bus, pool } = system
  const following = await followExceptions({ bus, contract, pool, observer: logging(createLog({ level: 'silent' })) })
  onTestFinished(() => following.stop())
  const last = uuid()
  const all = [...events, expected({ anomaly_id: last, services: [], until: at(1_000) })]
  await bus.publish(await Promise.all(all.map((encode) => encode(bus))))
  const known = async () => (await pool.query('SELECT FROM anomaly.exceptions WHERE id = $1', [last])).rowCount === 1
  await vi.waitUntil(known, { timeout: 60_000, interval: 20 })
}

const expected =
  (over: Partial<AnomalyExpected> = {}) =>
  (bus: Bus): Promise<EncodedRecord> =>
    bus.encode('AnomalyExpected', {
      ...{
        event_id: uuid(),
        session_id: null,
        sequence: 0,
        tenant: 'default',
        occurred_at: at(110),
        anomaly_id: uuid(),
      },
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
