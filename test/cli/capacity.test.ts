import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { amount } from '../../cli/capacity/capacity-command.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { completed } from '../gateway/records.ts'
import { until } from '../runtime/counting.ts'
import { type Person, startPerson } from './person.ts'

type Assessed = NonNullable<Events['DiagnosisCompleted']['capacity']>[number]

let person: Person
beforeAll(async () => {
  person = await startPerson()
})
afterAll(() => person.platform.close())
beforeEach(async () => {
  person.sitDown()
  await person.login('alice')
})

const DAY = 86_400_000
const assessed = (over: Partial<Assessed> = {}): Assessed => ({
  resource: 'cart',
  instance: null,
  indicator: 'memory_ratio',
  unit: 'ratio',
  average: 0.5,
  peak: 0.62,
  percentile_95: 0.6,
  history_days: 60,
  trend: 'increasing',
  growth_rate: 30,
  days_to_capacity: 41.2,
  earliest_days: 30.4,
  latest_days: null,
  alerts: [{ threshold: 0.8, days: 20, severity: 'info' }],
  recommendations: [
    {
      type: 'scale_up',
      priority: 'medium',
      current_allocation: 1,
      recommended_allocation: 1.5,
      reasoning: { en: 'it is full in 41 days', 'zh-TW': '41 天後用盡' },
    },
  ],
  chart: [
    { time: 1_760_000_000_000, historical: 0.4, predicted: null, lower: null, upper: null },
    { time: 1_760_000_000_000 + DAY, historical: null, predicted: 0.9, lower: 0.8, upper: 1 },
  ],
  evidence: ['e-1'],
  ...over,
})

/** Runs the command, and answers its request in place of the assistant. */
async function asked(line: string, answer: Partial<Events['DiagnosisCompleted']>) {
  const sessions = async () => (await person.platform.published('DiagnosisRequested')).map(({ value }) => value)
  const before = new Set((await sessions()).map(({ session_id }) => session_id))
  const ran = person.sre(line)
  ran.catch(() => undefined)
  const question = await until(60_000, 'the question is published', async () => {
    return (await sessions()).find(({ session_id }) => !before.has(session_id))
  })
  await person.platform.tell(completed(question.session_id, answer))
  return { question, terminal: await ran }
}

describe('sre capacity', () => {
  test('shows a row per resource, a sparkline of history and forecast, and the advice', async () => {
    const { question, terminal } = await asked('capacity cart disk-1 cart --metric memory --days 60', {
      capacity: [
        assessed(),
        assessed({
          ...{
            resource: 'disk-1',
            indicator: 'disk',
            unit: 'bytes',
            average: 123_456,
            peak: 200_000,
            percentile_95: 2e5,
          },
          ...{ trend: 'stable', days_to_capacity: null, earliest_days: null, recommendations: [], alerts: [] },
        }),
      ],
      summary: { en: 'cart is full first', 'zh-TW': 'cart 最先用盡' },
      missing: [{ en: 'no limit of disk-1 is known', 'zh-TW': '不知道 disk-1 的上限' }],
    })
    expect(question).toMatchObject({
      kind: 'capacity',
      affected_services: ['cart', 'disk-1'],
      context: { metric_type: 'memory', forecast_days: '60' },
    })
    const shown = terminal.out.join('\n')
    expect(shown).toMatch(/^cart is full first\n/)
    expect(shown).toMatch(/cart +memory_ratio +50\.0% +60\.0% +62\.0% +increasing +41 \(30 to beyond the forecast\)/)
    expect(shown).toMatch(/disk-1 +disk +121 KiB +195 KiB +195 KiB +stable +-/)
    expect(shown).toContain('scale_up to 1.5 × (medium): it is full in 41 days')
    expect(shown).toMatch(/cart {2}▁█ {2}\(history, then forecast\)/)
    expect(shown).toMatch(/\n! no limit of disk-1 is known$/)
  })
  test('says that there is too little history instead of a trend, and gives bytes in their usual units', async () => {
    const { terminal } = await asked('capacity cart --metric memory', {
      capacity: [
        assessed({
          ...{ unit: 'bytes', average: 5.2 * 1024 ** 3, percentile_95: 300 * 1024 ** 2, peak: 512, trend: 'unknown' },
          ...{ growth_rate: null, days_to_capacity: null, earliest_days: null, recommendations: [], alerts: [] },
          chart: [{ time: 1_760_000_000_000, historical: 0.4, predicted: null, lower: null, upper: null }],
        }),
      ],
    })
    const shown = terminal.out.join('\n')
    expect(shown).toMatch(/cart +memory_ratio +5\.2 GiB +300 MiB +512 B +too little history +-/)
    expect(shown).toMatch(/\(history\)$/m)
    expect(amount(-3 * 2 ** 20, 'bytes/s')).toBe('-3 MiB/s')
    expect(amount(0.256, 'cores')).toBe('0.256 cores')
  })
  test('prints JSON on request', async () => {
    const { terminal } = await asked('capacity cart --metric cpu --namespace shop --json', { capacity: [assessed()] })
    expect(JSON.parse(terminal.out[0] ?? '')).toMatchObject({ resource: 'cart', resources: [{ unit: 'ratio' }] })
  })
  test('says that there is no history, that the source is unreachable, or that it failed', async () => {
    const failing = (code: string, summary: Record<string, string>, options = '') =>
      asked(`capacity cart --metric cpu ${options}`, {
        ...{ status: 'failed', capacity: null, reason: `${code}: ${summary['en']}`, summary },
      })
    const gone = { en: 'nothing tells of cart', 'zh-TW': '沒有 cart 的資料' }
    const saying = (text: string) => ({ details: [expect.stringContaining(text)] })
    await expect(failing('no_history', gone)).rejects.toMatchObject({
      message: expect.not.stringMatching(/404|request/) as string,
      details: ['  - <service>: nothing tells of cart'],
    })
    await expect(failing('no_history', gone, '--language zh-TW')).rejects.toMatchObject({
      message: expect.stringMatching(/沒有用量指標或歷史資料不足，無法預測（工作階段 [^）]+）/) as string,
      ...saying('沒有 cart 的資料'),
    })
    await expect(failing('source_failed', { en: '502 from prometheus' })).rejects.toMatchObject(saying('502 from prometheus')) // prettier-ignore
    await expect(failing('handler_failed', { en: 'it broke' })).rejects.toThrow('capacity could not be assessed')
  })
  test.each([
    ['capacity cart --metric hope', 'Allowed choices'],
    ['capacity cart --metric cpu --days 3', 'from 7 to 365'],
    ['capacity cart --metric cpu --days week', 'from 7 to 365'],
    ['capacity cart', '--metric'],
  ])('%s is a usage error', async (line, message) => {
    await expect(person.sre(line)).rejects.toThrow(message)
  })
})
