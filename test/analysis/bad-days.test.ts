/** Days with several outages: an earlier one must neither hide nor be blamed for the current one. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { summaryOf } from '../../analysis/summary.ts'
import { DAYS, judged, questionOf } from '../../bench/outages/days.ts'
import { NOW, observationsOf } from '../../bench/outages/shop.ts'

const SEEDS = Array.from({ length: 25 }, (_, index) => index + 1)
const ask = (kind: string, seed: number) => {
  const { day, truth } = questionOf(kind, seed)
  return { verdict: diagnose(observationsOf(day)), truth, day }
}

describe('on a day on which', () => {
  it.each(Object.keys(DAYS))('%s, an ongoing incident is never an all-clear', (kind) => {
    const answers = SEEDS.map((seed) => ({ seed, ...ask(kind, seed) }))
    const said = answers.map(({ verdict, truth }) => judged(verdict, truth))
    expect(said.filter((one) => one === 'false all-clear' || one === 'false alarm')).toEqual([])
    expect(said.filter((one) => one === 'right').length).toBeGreaterThanOrEqual(0.9 * SEEDS.length)
  })
})

it('reports whether an outage is going on or over, and when it ended', () => {
  for (const seed of SEEDS) {
    expect(ask('an outage goes on', seed).verdict.phase).toBe('going_on')
    const { verdict, day } = ask('recovered within the window', seed)
    expect(verdict.phase).toBe('over')
    const [cause] = verdict.rootCauses
    const ended = NOW + day.outages[0]!.end * 1000
    expect(Math.abs((cause?.until ?? 0) - ended)).toBeLessThanOrEqual(60_000)
  }
})

it('separates an earlier outage in the window from the current one', () => {
  for (const seed of SEEDS) {
    const { verdict, day } = ask('one recovered within the window, another goes on', seed)
    expect(verdict.earlier.map(({ service }) => service)).toEqual([day.outages[0]!.service])
  }
})

it('names both of two unrelated faults, each with its own start', () => {
  const known = SEEDS.filter((seed) => {
    const { verdict, day } = ask('two at once, of which no calls connect the other', seed)
    const [apart, now] = day.outages
    const own = verdict.rootCauses.filter(({ isSeparate }) => isSeparate)
    if (verdict.rootCauses[0]?.service !== now!.service || own.length !== 1) return false
    expect(own[0]).toMatchObject({ service: apart!.service, phase: 'going_on' })
    expect(Math.abs((own[0]?.since ?? 0) - NOW - apart!.start * 1000)).toBeLessThanOrEqual(60_000)
    expect(summaryOf(verdict).map(({ en }) => en).join(' ')).toContain(`Separate, unrelated problem: ${apart!.service}`) // prettier-ignore
    return true
  })
  expect(known.length).toBeGreaterThanOrEqual(0.9 * SEEDS.length)
})

it('does not rule out a release because an unrelated service moved earlier', () => {
  const answers = SEEDS.map((seed) => ask('one apart recovered, after which a release broke another', seed).verdict)
  expect(answers.map(({ rootCauses: [first] }) => first?.changeId)).toEqual(SEEDS.map(() => 'release'))
})

it('has less confidence in an all-clear the more of the baseline was an incident', () => {
  for (const seed of SEEDS.slice(0, 5)) {
    const quiet = diagnose(observationsOf({ seed, since: 600, asked: 'storefront', outages: [] }))
    const after = diagnose(observationsOf({ seed, since: 600, asked: 'storefront', outages: [{ service: 'orders', fault: 'slow', start: -1800, end: -1300 }] })) // prettier-ignore
    expect([quiet.verdict, after.verdict]).toEqual(['nothing_wrong', 'nothing_wrong'])
    expect(after.confidence).toBeLessThan(quiet.confidence - 0.1)
  }
})
