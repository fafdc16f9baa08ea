/** What the anomaly agent foretold, as the gateway keeps and shows it. */
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findForecast, foldForecasts, listForecasts } from '../../gateway/views/forecasts.ts'
import { purgeViews } from '../../gateway/views/purge.ts'
import type { ForecastProduced } from '../../schemas/events.generated.ts'
import { type Platform, startPlatform } from './platform.ts'
import { foretold, requested } from './records.ts'

let platform: Platform
beforeAll(async () => {
  platform = await startPlatform()
}, 180_000)
afterAll(() => platform?.close())
beforeEach(async () => void (await platform.pool.query('TRUNCATE gateway.forecasts')))

const told = (...phases: ForecastProduced[]) => foldForecasts(platform.pool, phases)
const phase = (...given: Parameters<typeof foretold>) => foretold(...given).value
const shown = async (id: string) => (await platform.ask('bob', 'GET', `/api/v1/forecasts/${id}`)).body
const listed = async (query = '') => {
  const { body } = await platform.ask('bob', 'GET', `/api/v1/forecasts${query}`)
  return (body['items'] as { forecast_id: string }[]).map(({ forecast_id }) => forecast_id)
}
const at = (minute: number): number => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000
const time = (minute: number): string => encodeURIComponent(new Date(at(minute)).toISOString())

describe('a forecast', () => {
  it('is read from the topic, with the way to the limit and when it is full', async () => {
    const { event, value } = foretold(uuid(), 0, {
      since: at(0),
      occurred_at: at(1),
      full_at: at(20),
      earliest: at(18),
    })
    await platform.bus.publish([await platform.bus.encode(event, value)])
    await expect.poll(() => listed(), { timeout: 60_000, interval: 50 }).toEqual([value.forecast_id])
    expect(await shown(value.forecast_id)).toEqual({
      ...{ forecast_id: value.forecast_id, state: 'open', phase: 'produced', service: 'cart', namespace: 'shop' },
      ...{ resource: 'memory', indicator: 'memory_ratio', unit: 'ratio', instance: 'cart-0', severity: 'critical' },
      ...{ value: 0.6, limit: 1, since: '2026-03-01T10:00:00.000Z', updated_at: '2026-03-01T10:01:00.000Z' },
      ...{ full_at: '2026-03-01T10:20:00.000Z', earliest: '2026-03-01T10:18:00.000Z', latest: null, level: 0.9 },
      ...{ closed_at: null, ending: null, session_id: null, recent: [0.3, null, 0.5, 0.6], step: 60 },
      path: [{ time: '2025-10-09T09:13:20.000Z', value: 0.6, lower: 0.58, upper: 0.62 }],
    })
  })

  it('is as its latest phase left it, whatever the order in which the phases arrive, and however often', async () => {
    const id = uuid()
    const produced = phase(id, 0, { occurred_at: at(1) })
    const revised = phase(id, 1, { occurred_at: at(2), full_at: at(90), severity: 'warning' })
    const closed = phase(id, 2, { occurred_at: at(3), phase: 'closed', ending: 'freed' })
    const orders = [
      [[produced], [revised], [closed]],
      [[closed], [revised], [produced]],
      [[closed, produced], [revised]],
      [[revised, produced, closed, revised]],
    ]
    for (const order of orders) {
      await platform.pool.query('TRUNCATE gateway.forecasts')
      for (const batch of order) await told(...batch)
      expect(await shown(id)).toMatchObject({ state: 'closed', phase: 'closed', ending: 'freed', closed_at: '2026-03-01T10:03:00.000Z' }) // prettier-ignore
    }
    await platform.pool.query('TRUNCATE gateway.forecasts')
    await told(revised, produced)
    expect(await shown(id)).toMatchObject({ state: 'open', severity: 'warning', full_at: '2026-03-01T11:30:00.000Z' })
  })

  it('names the diagnosis that was asked for because of it', async () => {
    const id = uuid()
    await told(phase(id))
    await platform.tell(requested(id))
    expect(await shown(id)).toMatchObject({ session_id: id })
  })

  it('is of one tenant, and is kept as long as sessions', async () => {
    const id = uuid()
    await told(phase(id), phase(id, 0, { tenant: 'other', service: 'theirs' }))
    expect((await findForecast(platform.pool, 'other', id))?.body).toMatchObject({ service: 'theirs' })
    expect((await listForecasts(platform.pool, 'other', { page: 1, page_size: 10 })).total).toBe(1)
    expect(await shown(id)).toMatchObject({ service: 'cart' })
    await platform.pool.query('UPDATE gateway.forecasts SET folded_at = 1000')
    await purgeViews(platform.pool, 1_000_000)
    expect(await listed()).toEqual([])
  })

  it('is shown without points that are not numbers, and with texts of a bounded length', async () => {
    const id = uuid()
    await told(
      phase(id, 0, {
        path: [
          { time: 1, value: Infinity, lower: 0, upper: 1 },
          { time: 2, value: 0.5, lower: 0, upper: 1 },
        ],
        instance: 'x'.repeat(5000),
      }),
    )
    const { path, instance } = await shown(id)
    expect(path).toHaveLength(1)
    expect(instance).toHaveLength(255)
  })
})

describe('the list of forecasts', () => {
  const ids = { soon: uuid(), late: uuid(), over: uuid() }
  const fill = () =>
    told(
      phase(ids.late, 0, { full_at: at(5000), service: 'payment', resource: 'disk', severity: 'info' }),
      phase(ids.over, 1, { full_at: at(1), occurred_at: at(10), phase: 'closed', ending: 'full' }),
      phase(ids.soon, 0, { full_at: at(30) }),
    )

  it('has open forecasts first, the soonest full before the others', async () => {
    await fill()
    expect(await listed()).toEqual([ids.soon, ids.late, ids.over])
  })

  it.each([
    ['service=payment', ['late']],
    ['resource=memory', ['soon', 'over']],
    ['severity=info', ['late']],
    ['state=closed', ['over']],
    ['state=open&page_size=1&page=2', ['late']],
    [`end_time=${time(40)}`, ['soon', 'over']],
    [`start_time=${time(11)}`, ['soon', 'late']],
  ] as const)('is limited by %s', async (query, found) => {
    await fill()
    expect(await listed(`?${query}`)).toEqual(found.map((name) => ids[name]))
  })
})
