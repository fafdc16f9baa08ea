/** `sre forecasts`: the list, and one forecast. */
import { stripVTControlCharacters } from 'node:util'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Forecast } from '../../gateway/api.generated.ts'
import { foldForecasts } from '../../gateway/views/forecasts.ts'
import { foretold } from '../gateway/records.ts'
import { type Person, startPerson } from './person.ts'

const at = (minute: number): number => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000
const path = Array.from({ length: 20 }, (_, step) => ({ time: at(step), value: step / 20, lower: step / 25, upper: step / 16 })) // prettier-ignore

describe('sre forecasts', () => {
  const [open, over] = [uuid(), uuid()]
  let person: Person
  beforeAll(async () => {
    person = await startPerson()
    await foldForecasts(person.platform.pool, [
      foretold(open, 0, { since: at(-60), occurred_at: at(0), earliest: at(30), full_at: at(40), latest: at(50), path }).value, // prettier-ignore
      foretold(over, 0, { service: 'mail', resource: 'disk', severity: 'info', occurred_at: at(-90), full_at: at(600) }).value, // prettier-ignore
      foretold(over, 1, { service: 'mail', resource: 'disk', severity: 'info', occurred_at: at(-30), full_at: at(600), phase: 'closed', ending: 'freed' }).value, // prettier-ignore
    ])
  }, 180_000)
  afterAll(() => person?.platform.close())
  beforeEach(() => person.sitDown())
  beforeEach(async () => void (await person.login('bob')))
  const said = async (line: string): Promise<string[]> =>
    (await person.sre(line)).out.map((one) => stripVTControlCharacters(one))

  it('lists what is open first, with when it is full, the last values and the interval', async () => {
    expect(await said('forecasts')).toEqual([
      `${open.slice(-6)}  critical  cart  cart-0  memory  full 2026-03-01T10:40:00.000Z`,
      expect.stringMatching(/^ {2}.{4} {2}memory_ratio 60 % of 100 %$/),
      '  90 %: 2026-03-01T10:30:00.000Z to 2026-03-01T10:50:00.000Z',
      `${over.slice(-6)}  freed  mail  cart-0  disk  was foretold for 2026-03-01T20:00:00.000Z`,
    ])
    expect((await person.sre('forecasts')).notes).toEqual(['page 1 of 1, 2 in all'])
  })

  it('speaks Chinese', async () => {
    const [head, measured, interval] = await said('forecasts --language zh-TW')
    expect(head).toBe(`${open.slice(-6)}  嚴重  cart  cart-0  記憶體  2026-03-01T10:40:00.000Z 用盡`)
    expect(measured).toContain('memory_ratio 60 %，上限 100 %')
    expect(interval).toBe('  90 %：2026-03-01T10:30:00.000Z 至 2026-03-01T10:50:00.000Z')
  })

  it.each([
    ['--state closed', [over]],
    ['--service cart', [open]],
    ['--resource disk', [over]],
    ['--severity critical', [open]],
    ['--page 2', []],
  ])('%s', async (options, ids) => {
    const [line = ''] = await said(`forecasts ${options} --json`)
    const { items } = JSON.parse(line) as { items: Forecast[] }
    expect(items.map(({ forecast_id }) => forecast_id)).toEqual(ids)
  })

  it.each([
    ['forecasts --state ajar', 'Allowed choices are open, closed'],
    ['forecasts show seven', 'sre forecasts lists the ids'],
    [`forecasts show ${uuid()}`, 'no such forecast'],
    [`forecasts show ${uuid()} --state open`, "unknown option '--state'"],
  ])('%s is refused', async (line, message) => {
    await expect(person.sre(line)).rejects.toThrow(message)
  })

  it('show prints the way to the limit with its interval, by the end of the id', async () => {
    const lines = await said(`forecasts show ${open.slice(-6)}`)
    expect(lines[0]).toContain(open)
    expect(lines).toContain('  rising since 2026-03-01T09:00:00.000Z')
    const way = lines.filter((one) => one.includes('expected'))
    expect(way).toHaveLength(8)
    expect([way[0], way.at(-1)]).toEqual([
      '  2026-03-01T10:00:00.000Z  0 %, expected 0 % to 0 %',
      '  2026-03-01T10:19:00.000Z  95 %, expected 76 % to 119 %',
    ])
  })
})
