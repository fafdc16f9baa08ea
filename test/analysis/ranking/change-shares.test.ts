import { describe, expect, it } from 'vitest'
import type { Change, Series } from '../../../analysis/observations.ts'
import { judgeChanges, type Seen } from '../../../analysis/ranking/changes.ts'
import { sharesOf, weigh } from '../../../analysis/ranking/change-shares.ts'
import { randomFrom } from '../../../bench/rankings/measures.ts'

const [STEP, MINUTE, DAY] = [15_000, 60_000, 24 * 3_600_000]
const START = 10 * DAY
const POINTS = 240
const FAULT = START + 160 * STEP
const END = START + POINTS * STEP
const times = Float64Array.from({ length: POINTS }, (_, index) => START + index * STEP)

const change = (service: string, timestamp: number, more: Partial<Change> = {}): Change => ({
  id: `${service}@${timestamp}`,
  timestamp,
  type: 'DEPLOYMENT',
  service,
  summary: 'v2',
  ...more,
})
const moved = (service: string, from = FAULT): Seen => {
  const latency: Series = { service, indicator: 'latency_p95', times, values: times.map((time, index) => 10 + (index % 3) + (time < from ? 0 : 30)) } // prettier-ignore
  return { service, moved: true, suffers: true, isOver: false, series: [latency] }
}

interface Asked {
  services?: Seen[]
  /** that the first service is the first cause */
  confidence?: number
}

function shares(changes: Change[], { services = [moved('cart'), moved('front')], confidence = 0.8 }: Asked = {}) {
  const judged = judgeChanges(services, { changes, onset: FAULT, known: { window: { start: START, end: END } }, edges: [], reached: null }) // prettier-ignore
  const ranked = services.map(({ service }, at) => ({ service, score: 10 / (at + 1) }))
  return sharesOf(weigh(judged, ranked, confidence))
}
const shareOf = (id: string, { suspects }: ReturnType<typeof shares>): number =>
  suspects.find(({ change }) => change.id === id)?.share ?? 0

describe('the probability of a change', () => {
  const guilty = change('cart', FAULT - 20_000)

  it('is high for the only change of the first cause shortly before its signals moved', () => {
    expect(shareOf(guilty.id, shares([guilty]))).toBeGreaterThan(0.7)
  })

  it('falls with the probability that its service is the first cause', () => {
    const at = (confidence: number) => shareOf(guilty.id, shares([guilty], { confidence }))
    expect(at(0.05)).toBeLessThan(at(0.3))
    expect(at(0.3)).toBeLessThan(at(0.9))
  })

  it('is divided among near-equal changes', () => {
    const other = change('cart', FAULT - 25_000, { type: 'CONFIG_UPDATE' })
    const divided = shares([guilty, other])
    expect(divided.suspects.map(({ change: { id } }) => id)).toEqual([guilty.id, other.id])
    for (const { share } of divided.suspects) {
      expect(share).toBeGreaterThan(0.4)
      expect(share).toBeLessThan(0.5)
    }
  })

  it('does not go to none of them because two hundred changes came at once', () => {
    const rollout = Array.from({ length: 200 }, (_, index) => change('cart', FAULT - 20_000, { id: `part-${index}` }))
    const { suspects, none } = shares(rollout)
    expect(none).toBeLessThan(0.5)
    expect(suspects.length).toBeGreaterThan(100)
    expect(suspects[0]!.share).toBeLessThan(0.01)
  })

  it('goes to none of them if the only change is hours old', () => {
    const { none } = shares([change('cart', FAULT - 8 * 3_600_000)])
    expect(none).toBeGreaterThan(0.5)
  })

  it('goes to none of them if there is a change every minute', () => {
    const frequent = Array.from({ length: 1000 }, (_, index) => change('cart', FAULT - 20_000 - index * MINUTE))
    const { suspects, none } = shares(frequent)
    expect(suspects[0]!.share).toBeLessThan(0.5)
    expect(none).toBeGreaterThan(0.5)
  })

  it('is nothing for a release that was rolled back before the onset, nor for the rollback', () => {
    const release = (timestamp: number, before: string, after: string) => change('cart', timestamp, { detail: { before, after } }) // prettier-ignore
    const [bad, back, again] = [release(FAULT - 3 * MINUTE, '1', '2'), release(FAULT - 2 * MINUTE, '2', '1'), release(FAULT - 20_000, '1', '2')] // prettier-ignore
    expect(shareOf(bad.id, shares([bad, back]))).toBe(0)
    expect(shares([bad, back])).toEqual({ suspects: [], none: 1 })
    expect(shares([bad, back, again]).suspects.map(({ change: { id } }) => id)).toEqual([again.id])
  })

  it('is nothing after the onset, or after the signals of its own service moved', () => {
    expect(shares([change('cart', FAULT + 2 * MINUTE)])).toEqual({ suspects: [], none: 1 })
    const early = [moved('cart', FAULT - 10 * MINUTE), moved('front')]
    expect(shares([guilty], { services: early })).toEqual({ suspects: [], none: 1 })
  })

  it('stays possible for what nobody measures', () => {
    const unmeasured = shares([change('dns', FAULT - 20_000)], { confidence: 0.3 })
    expect(shareOf(`dns@${FAULT - 20_000}`, unmeasured)).toBeGreaterThan(0.05)
  })
})

it('shares add up to 1, and each further innocent change lowers those of the others', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomFrom(seed)
    const drawn = (id: string): Change =>
      change(random() < 0.5 ? 'cart' : 'front', FAULT - random() ** 3 * DAY, { id, type: random() < 0.7 ? 'DEPLOYMENT' : 'SCALE' }) // prettier-ignore
    // the oldest one sets how far back the changes are known
    const oldest = change('front', FAULT - DAY, { id: 'oldest' })
    const some = [oldest, ...Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => drawn(`${index}`))]
    const [before, after] = [shares(some), shares([...some, drawn('more')])]
    for (const { suspects, none } of [before, after]) {
      expect(suspects.reduce((sum, { share }) => sum + share, none)).toBeCloseTo(1, 12)
      expect(none).toBeGreaterThanOrEqual(0)
    }
    for (const { change, share } of after.suspects)
      if (change.id !== 'more')
        // one that was not listed had at most a hundredth
        expect(share, `seed ${seed}`).toBeLessThanOrEqual((shareOf(change.id, before) || 0.01) + 1e-12)
  }
})
