/** `sre anomalies`: the list, one anomaly, and following them. */
import { stripVTControlCharacters } from 'node:util'
import { v7 as uuid } from 'uuid'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { follow, newsIn } from '../../cli/anomalies/follow.ts'
import { everyCommand } from '../../cli/every-command.ts'
import { CommandError } from '../../cli/login/context.ts'
import { GatewayAwayError } from '../../cli/login/gateway-client.ts'
import { shown } from '../../cli/terminal/line.ts'
import type { Anomaly } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { presentAnomaly } from '../../gateway/present/anomaly.ts'
import { both } from '../../gateway/present/texts.ts'
import { foldAnomalies } from '../../gateway/views/anomalies.ts'
import type { AnomalyDetected } from '../../schemas/events.generated.ts'
import { anomalous, detected } from '../gateway/records.ts'
import { type Person, startPerson } from './person.ts'

const at = (minute: number): number => Date.parse('2026-03-01T10:00:00Z') + minute * 60_000

describe('sre anomalies', () => {
  const [open, over] = [uuid(), uuid()]
  let person: Person
  beforeAll(async () => {
    person = await startPerson()
    await foldAnomalies(person.platform.pool, [
      detected(open, 0, {
        ...{ since: at(0), occurred_at: at(1) },
        series: [anomalous(), ...['errors', 'traffic', 'cpu', 'memory'].map((indicator) => anomalous({ indicator, unit: 'ratio', recent: [] }))], // prettier-ignore
      }).value,
      detected(over, 2, { since: at(-60), occurred_at: at(-30), phase: 'closed', ending: 'no_data', service: 'mail', services: ['mail'], severity: 'info' }).value, // prettier-ignore
    ])
  }, 180_000)
  afterAll(() => person?.platform.close())
  beforeEach(() => person.sitDown())
  beforeEach(async () => void (await person.login('bob')))
  const said = async (line: string): Promise<string[]> =>
    (await person.sre(line)).out.map((one) => stripVTControlCharacters(one))

  it('lists what is open first, with value, expected range and the last values', async () => {
    expect(await said('anomalies')).toEqual([
      `${open.slice(-6)}  critical  cart  with front  since 2026-03-01T10:00:00.000Z`,
      '  ▁ ▁█  cart latency_p95 900 ms  expected 80 ms to 120 ms',
      '  cart errors 90000 %  expected 8000 % to 12000 %',
      '  cart traffic 90000 %  expected 8000 % to 12000 %',
      '  and 2 more series',
      `${over.slice(-6)}  no data  mail  2026-03-01T09:00:00.000Z to 2026-03-01T09:30:00.000Z`,
    ])
    expect((await person.sre('anomalies')).notes).toEqual(['page 1 of 1, 2 in all'])
  })

  it('speaks Chinese', async () => {
    const [head, series] = await said('anomalies --language zh-TW')
    expect(head).toBe(`${open.slice(-6)}  嚴重  cart  連同 front  始於 2026-03-01T10:00:00.000Z`)
    expect(series).toContain('cart latency_p95 900 ms  預期 80 ms 至 120 ms')
  })

  it.each([
    ['--state closed', [over]],
    ['--service front', [open]],
    ['--severity info', [over]],
    ['--page 2', []],
  ])('%s', async (options, ids) => {
    const [line = ''] = await said(`anomalies ${options} --json`)
    const { items } = JSON.parse(line) as { items: Anomaly[] }
    expect(items.map(({ anomaly_id }) => anomaly_id)).toEqual(ids)
  })

  it.each([
    ['anomalies --state ajar', 'Allowed choices are open, closed'],
    ['anomalies --watch --state open', 'leave out --state and --page'],
    ['anomalies --watch --page 2', 'leave out --state and --page'],
    ['anomalies show seven', 'sre anomalies lists the ids'],
    [`anomalies show ${uuid()}`, 'no such anomaly'],
    ['anomalies expect abcdef', 'either --for or --undo'],
    ['anomalies expect abcdef --for 2h --undo', 'either --for or --undo'],
    ['anomalies expect abcdef --for soon', 'expected a duration such as'],
  ])('%s is refused', async (line, message) => {
    await expect(person.sre(line)).rejects.toThrow(message)
  })

  it('show prints one whole, by the end of its id', async () => {
    expect(await said(`anomalies show ${open.slice(-6)}`)).toEqual([
      `${open}  critical  cart  with front  since 2026-03-01T10:00:00.000Z`,
      '  ▁ ▁█  cart latency_p95 900 ms  expected 80 ms to 120 ms',
      ...['errors', 'traffic', 'cpu', 'memory'].map((indicator) => `  cart ${indicator} 90000 %  expected 8000 % to 12000 %`), // prettier-ignore
    ])
    const [line = ''] = await said(`anomalies show ${over} --json`)
    expect(JSON.parse(line)).toMatchObject({ anomaly_id: over, state: 'closed', ending: 'no_data' })
  })

  it('expect says until when, by which role and how to undo it, and so does the list', async () => {
    await person.login('alice')
    const id = over.slice(-6)
    const { out, notes } = await person.sre(`anomalies expect ${id} --for 2h --reason maintenance`)
    expect(out.join()).toMatch(/^expected until \S+Z \(team_manager\): maintenance$/)
    expect(notes).toEqual([`to undo it: npx sre anomalies expect ${id} --undo`])
    expect(await said('anomalies --state closed')).toContain(`  ${out.join()}`)
    expect(await said(`anomalies show ${id}`)).toContain(`  ${out.join()}`)
    expect((await said(`anomalies expect ${id} --undo`)).join()).toMatch(/^not expected since \S+Z \(team_manager\)$/)
    expect((await said(`anomalies expect ${id} --undo --language zh-TW`)).join()).toMatch(/^自 \S+Z 起不再預期（team_manager）$/) // prettier-ignore
  })
})

const anomaly = (id: string, minute: number, over: Partial<AnomalyDetected> = {}): Anomaly => {
  const body = detected(id, 0, { since: at(0), occurred_at: at(minute), ...over }).value
  const closed_at = body.phase === 'closed' ? String(body.occurred_at) : null
  return presentAnomaly({ anomaly_id: id, body, closed_at, is_diagnosed: false, expected: null })
}
const closed = { phase: 'closed', ending: 'recovered' }

describe('what is news', () => {
  const known = (...all: Anomaly[]) => new Map(all.map((one) => [one.anomaly_id, one]))

  it('at first is what is open, in the order of the announcements', () => {
    expect(newsIn([anomaly('b', 2), anomaly('a', 1), anomaly('c', 3, closed)], null)).toMatchObject([{ anomaly_id: 'a' }, { anomaly_id: 'b' }]) // prettier-ignore
  })

  it('then is what opened, changed or closed', () => {
    const before = known(anomaly('a', 1), anomaly('b', 2), anomaly('c', 2))
    const now = [anomaly('a', 1), anomaly('b', 3), anomaly('c', 4, closed), anomaly('d', 5)]
    expect(newsIn(now, before).map(({ anomaly_id }) => anomaly_id)).toEqual(['b', 'c', 'd'])
  })

  it('is an anomaly that opened and closed between two looks, but not an old one that came onto the page', () => {
    const now = [anomaly('a', 5), anomaly('short', 6, closed), anomaly('old', 4, closed)]
    expect(newsIn(now, known(anomaly('a', 5))).map(({ anomaly_id }) => anomaly_id)).toEqual(['short'])
  })
})

describe('following', () => {
  /** A gateway that answers so, look by look, and then refuses. */
  async function followed(
    looks: (Anomaly[] | Error)[],
    language: Language = 'en',
    json = false,
    secondPage: Anomaly[] = [],
  ) {
    // prettier-ignore
    const [out, notes, asked]: [string[], string[], string[]] = [[], [], []]
    const context = {
      language,
      print: (line: Parameters<typeof shown>[0]) => void out.push(stripVTControlCharacters(shown(line))),
      note: (line: Parameters<typeof shown>[0]) => void notes.push(shown(line)),
    }
    const one = async (operation: string, path: string) => {
      asked.push(path)
      if (operation === 'getAnomaly') return anomaly(path.split('/').at(-1)!, 9, closed)
      const pagination = { total_pages: secondPage.length === 0 ? 1 : 2 }
      if (path.endsWith('&page=2')) return { items: secondPage, pagination }
      const look = looks.shift() ?? new CommandError(both('enough', 'enough'), { code: 'ENOUGH' })
      if (look instanceof Error) throw look
      return { items: look, pagination }
    }
    const client = { ask: (operation: string, { path }: { path: string }) => one(operation, path) }
    const following = follow(context as never, client as never, new URLSearchParams({ service: 'cart' }), { json, pollMs: 1 }) // prettier-ignore
    const error: unknown = await following.catch((reason: unknown) => reason)
    return { out, notes, asked, error }
  }

  it('prints what is open, and then each change', async () => {
    const { out, notes, asked, error } = await followed([
      [anomaly('a', 1)],
      [anomaly('a', 1)],
      [anomaly('a', 2, { phase: 'updated', severity: 'warning' })],
      [anomaly('a', 3, closed)],
      [anomaly('a', 3, closed)],
    ])
    expect(out).toEqual([
      '2026-03-01T10:01:00.000Z  opened  critical  cart  with front  since 2026-03-01T10:00:00.000Z',
      '  ▁ ▁█  cart latency_p95 900 ms  expected 80 ms to 120 ms',
      '2026-03-01T10:02:00.000Z  updated  warning  cart  with front  since 2026-03-01T10:00:00.000Z',
      '  ▁ ▁█  cart latency_p95 900 ms  expected 80 ms to 120 ms',
      '2026-03-01T10:03:00.000Z  closed  recovered  cart  with front  since 2026-03-01T10:00:00.000Z',
    ])
    expect(notes).toEqual(['1 open, watching (Ctrl-C stops) …'])
    expect(asked[0]).toBe('/anomalies?service=cart&page_size=100')
    expect(error).toMatchObject({ code: 'ENOUGH' })
  })

  it('follows open ones on further pages', async () => {
    const { out, asked } = await followed([[anomaly('a', 1)]], 'en', false, [anomaly('b', 1), anomaly('c', 1, closed)]) // prettier-ignore
    expect(out.filter((line) => line.includes('opened'))).toHaveLength(2)
    expect(asked.slice(0, 2)).toEqual(['/anomalies?service=cart&page_size=100', '/anomalies?service=cart&page_size=100&page=2']) // prettier-ignore
  })

  it('asks what became of an open one that is no longer on the page', async () => {
    const { out, asked } = await followed([[anomaly('a', 1)], [], []], 'en', true)
    expect(asked.filter((path) => path === '/anomalies/a')).toHaveLength(1)
    expect(out.map((line) => JSON.parse(line) as Anomaly)).toMatchObject([{ state: 'open' }, { state: 'closed' }])
  })

  it('goes on when the gateway is back, and says that it was away', async () => {
    const away = new GatewayAwayError(both('away', 'away'))
    const { out, notes, error } = await followed([away, [], away, away, [anomaly('a', 1)]], 'zh-TW')
    expect(out).toHaveLength(2)
    expect(out[0]).toContain('開始')
    expect(notes).toEqual([expect.stringContaining('連線中斷'), expect.stringContaining('0 個未結束'), expect.stringContaining('連線中斷')]) // prettier-ignore
    expect(error).toMatchObject({ code: 'ENOUGH' })
  })

  it('gives up when the gateway stays away', async () => {
    const away = new GatewayAwayError(both('away', 'away'))
    const { error } = await followed(Array.from({ length: 100 }, () => away))
    expect(error).toBe(away)
  })
})

describe('options behind a command below the list', () => {
  it('are its own, also those that the list has too', async () => {
    const watch = await parsed('watch', '--json', 'file')
    expect(watch.opts()['json']).toBe(true)
    expect(watch.args).toEqual(['file'])
  })

  it('are refused if only the list has them, instead of ignored', async () => {
    await expect(parsed('watch', '--state', 'open', 'file')).rejects.toThrow("unknown option '--state'")
  })
})

async function parsed(...words: string[]) {
  const program = await everyCommand('en')
  const anomalies = program.commands.find((one) => one.name() === 'anomalies')!
  const watch = anomalies.commands.find((one) => one.name() === 'watch')!
  watch.exitOverride().configureOutput({ writeErr: () => undefined })
  watch.action(() => undefined)
  await program.parseAsync(['anomalies', ...words], { from: 'user' })
  return watch
}
