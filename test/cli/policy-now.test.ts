/** What applies to a service now, as `sre policy explain` says it. */
import { onTestFinished, describe, expect, it } from 'vitest'
import { createAnomalyStore, prepareAnomalies } from '../../agents/anomaly/store.ts'
import { parsePolicy } from '../../agents/anomaly/read-policy.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { documentOf } from '../../cli/policy/document.ts'
import { explained } from '../../cli/policy/explained.ts'
import { type Known, knownOf } from '../../cli/policy/known.ts'
import { linesOf } from '../../cli/policy/lines.ts'
import { createDatabase } from '../servers/postgres.ts'

const NOW = Date.parse('2026-12-05T23:00Z')
const MINUTE = 60_000
const ago = (minutes: number, service = 'mail') => ({ service, at: NOW - minutes * MINUTE })
const NOTHING: Known = { asked: [], deployed: [] }
const DIAGNOSE = 'diagnose: { least_severity: warning, per_hour: 2, per_day: 3 }'

const of = (text: string, known = NOTHING) => explained('cart', parsePolicy(text), known, NOW)
const said = (text: string, known?: Known) => linesOf(of(text, known)).map(({ en }) => en)
const lastOf = (text: string, known?: Known) => said(text, known).slice(-2)

describe('what applies now', () => {
  it('is what would ask, with what was asked so far', () => {
    expect(said(DIAGNOSE, { asked: [ago(30), ago(90)], deployed: [] }).slice(-3)).toEqual([
      'asked so far, of all services: 1 of 2 in the last hour, 2 of 3 in the last 24 hours',
      'now: severity critical would ask',
      'now: severity warning would ask',
    ])
  })

  it.each([
    ['a budget', [ago(10), ago(20)], '', 'the requests of this hour are used up'],
    ['a budget of the day', [ago(100), ago(200), ago(300)], '', 'the requests of this day are used up'],
    ['a cool-down', [ago(10, 'cart')], '', 'cool-down until 2026-12-05T23:20:00.000Z'],
    ['maintenance', [], 'maintenance: { weekly: [{ services: [c*], from: "22:00", to: "23:30" }] }', 'in maintenance'],
  ])('is %s that withholds it', (_, asked, more, why) => {
    expect(lastOf(`${DIAGNOSE}\n${more}`, { asked, deployed: [] })).toEqual([
      `now: severity critical would not ask: ${why}`,
      `now: severity warning would not ask: ${why}`,
    ])
  })

  it('is for the less severe only: quiet hours and a deployment', () => {
    const quiet = 'diagnose: { least_severity: warning, quiet_hours: [{ from: "22:00", to: "07:00", least_severity: critical }] }' // prettier-ignore
    expect(lastOf(quiet)).toEqual(['now: severity critical would ask', 'now: severity warning would not ask: quiet hours']) // prettier-ignore
    const delayed = `${DIAGNOSE}\ndeployments: { delay_minutes: 5 }`
    const deployed = [ago(10, 'cart'), ago(2, 'cart'), ago(1)]
    expect(said(delayed, { asked: [], deployed })).toContain('deployed at 2026-12-05T22:58:00.000Z: what is less severe than critical waits until 2026-12-05T23:03:00.000Z') // prettier-ignore
    expect(lastOf(delayed, { asked: [], deployed })).toEqual(['now: severity critical would ask', 'now: severity warning would not ask: just deployed']) // prettier-ignore
    expect(documentOf(of(delayed, { asked: [], deployed }), null).now).toMatchObject({
      ...{ asked_last_hour: 0, cool_down_until: null, withheld: { critical: null, warning: 'deployment' } },
      deployment: { at: '2026-12-05T22:58:00.000Z', delayed_until: '2026-12-05T23:03:00.000Z' },
    })
  })

  it('is the maintenance that it is in, and the next', () => {
    const windows = `maintenance:
      once: [{ services: [cart], from: 2026-12-01T00:00, to: 2026-12-02T00:00 }]
      weekly:
        - { services: [cart], days: [sat], from: "22:00", to: "01:00" }
        - { services: ['*'], days: [sat], from: "05:00", to: "06:00", zone: Asia/Taipei, indicators: [memory] }
        - { services: [mail], from: "22:00", to: "01:00" }`
    expect(said(windows)).toEqual([
      'cart: announced only; the policy asks for no diagnoses',
      'in maintenance until 2026-12-06T01:00:00.000Z: not announced',
      'next maintenance from 2026-12-11T21:00:00.000Z to 2026-12-11T22:00:00.000Z (only memory)',
    ])
  })
})

it('is read from the database of the agent, by tenant', async () => {
  const database = await createDatabase('policy')
  await prepareAnomalies(database.url)
  const pool = openPool({ connectionString: database.url, max: 1 })
  onTestFinished(async () => {
    await pool.end()
    await database.drop()
  })
  const watcher = { stepMs: 1, closedUntil: 0, services: [], open: [] }
  const store = createAnomalyStore(pool)
  await store.hold('agent', 60_000)
  const requests = [ago(10, 'cart'), ago(2_000, 'cart')].map((one, index) => ({ ...one, sessionId: `00000000-0000-4000-8000-00000000000${index}` })) // prettier-ignore
  const outlook = { stepMs: 1, series: [], open: [] }
  const concluding = { since: 0, conclude: async () => ({ records: [], requests }) }
  await store.save('agent', { tenant: 'default', shard: 0 }, { watcher, outlook }, concluding)
  await pool.query(`INSERT INTO anomaly.deployments VALUES ('default', 'new', 'cart', $1), ('default', 'old', 'cart', 0)`, [ago(2).at]) // prettier-ignore
  expect(await knownOf(database.url, 'default', NOW)).toEqual({
    asked: [expect.objectContaining(ago(10, 'cart'))],
    deployed: [ago(2, 'cart')],
  })
  expect(await knownOf(database.url, 'other', NOW)).toEqual(NOTHING)
}, 60_000)
