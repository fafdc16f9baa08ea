/** The first minutes of a platform: half a minute of baseline, a bad release, a rollback; then the README's command. */
import { beforeAll, describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations } from '../../analysis/observations.ts'
import { summaryOf } from '../../analysis/summary.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { observationsOf } from '../../bench/outages/lab-days.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { evaluate, type RuleState, shopRules, type Transition } from '../../embedded/control-plane/rules.ts'
import { replay, type Replayed } from '../../lab/replay/replay.ts'
import type { Outage } from '../../lab/replay/stage.ts'

const START = Date.parse('2026-03-02T10:00:00Z')
const at = (seconds: number): number => START + seconds * 1000
const SEEDS = [1, 2, 3]
const RELEASE: Outage = { service: 'cart', fault: 'release', start: at(28), end: at(50) }

/** Transitions of the control-plane's alert rules, evaluated every second. */
function alertsOf({ samples }: Replayed): Transition[] {
  let state: RuleState = new Map()
  return [...Map.groupBy(samples, ({ time }) => time).values()].flatMap((round) => {
    const next = evaluate(state, shopRules, round)
    state = next.state
    return next.transitions
  })
}

function asked(told: Replayed, { now, since }: { now: number; since: number }): Observations {
  const window = { now, since, known: Math.max(1800, since), outages: [], truth: null, phase: null }
  const ended = alertsOf(told).filter(({ type, at }) => type === 'resolved' && at <= now)
  const fired = alertsOf(told).filter(({ type, at }) => type === 'fired' && at <= now)
  const disturbed = ended.map(({ rule, service, at: end }) => {
    const seen = fired.findLast((one) => one.rule === rule && one.service === service && one.at < end)!.since
    return { start: seen - 60_000, end, seen }
  })
  return { ...observationsOf(window, told), asked: 'checkout', disturbed }
}

const run = (seed: number, outages: readonly Outage[], seconds: number): Promise<Replayed> =>
  replay({ start: START, end: at(seconds), random: randomFrom(seed), outages, scrapeEveryMs: 1000, windowMs: 10_000 })

describe('half a minute of calm, then a release that was rolled back', () => {
  let told: Replayed[]
  let over: number[]
  beforeAll(async () => {
    told = await Promise.all(SEEDS.map((seed) => run(seed, [RELEASE], 330)))
    over = told.map((one) => alertsOf(one).findLast(({ type }) => type === 'resolved')!.at)
  }, 120_000)

  const each = (seconds: readonly number[], since: number): Verdict[] =>
    told.flatMap((one, index) => seconds.map((after) => diagnose(asked(one, { now: over[index]! + after * 1000, since })))) // prettier-ignore

  it.each([
    ['half an hour', 1800, [10, 30, 60, 120, 240]],
    ['five minutes', 300, [10, 30, 60, 120]],
    ['two minutes, in which it began', 120, [10, 30]],
  ])('is reported as an incident that is over, with a window of %s', (_name, since, seconds) => {
    for (const verdict of each(seconds, since)) {
      const [first] = verdict.rootCauses
      expect(verdict).toMatchObject({ verdict: 'incident', phase: 'over' })
      expect(first).toMatchObject({ service: 'cart', changeId: 'change-0', phase: 'over' })
      expect(Math.abs(verdict.onset! - RELEASE.start)).toBeLessThan(6_000)
      expect(Math.abs(first!.until! - RELEASE.end!)).toBeLessThan(30_000)
      expect(verdict.rootCauses.filter(({ isSeparate }) => isSeparate)).toEqual([])
      const [, phase] = summaryOf(verdict)
      expect(phase?.en).toMatch(/^It was over by .*, after the deployment of cart 1\.4\.2 at 10:00:50 UTC \(previously 1\.5\.0\)\.$/) // prettier-ignore
      expect(phase?.zh).toMatch(/^已於 .*結束，發生在部署 cart 1\.4\.2（10:00:50 UTC，先前為 1\.5\.0）之後。$/)
      expect(verdict.missing[0]?.en).toMatch(
        /^data starts at 10:00:01 UTC, only \d\d s before the incident was noticed/,
      )
    }
  })

  it('is recovering at first', () => {
    for (const verdict of each([2], 1800)) expect(verdict).toMatchObject({ verdict: 'incident', phase: 'recovering' })
  })

  // at so few requests a second, a single slow one moves the p99
  it('is at most once of nine reported for a window after it', () => {
    const verdicts = each([125, 180, 240], 120).map(({ verdict }) => verdict)
    expect(verdicts.filter((verdict) => verdict === 'incident').length, verdicts.join()).toBeLessThanOrEqual(1)
  })
})

it('does not hide a later outage', async () => {
  const later: Outage = { service: 'catalog', fault: 'failing', start: at(130), end: null }
  for (const seed of SEEDS) {
    const told = await run(seed, [RELEASE, later], 190)
    const verdict = diagnose(asked(told, { now: at(190), since: 1800 }))
    expect(verdict.verdict, `seed ${seed}`).toBe('incident')
    expect(['going_on', 'recovering'], `seed ${seed}`).toContain(verdict.phase)
    expect(verdict.rootCauses[0]?.service, `seed ${seed}`).toBe('catalog')
    expect(diagnose(asked(told, { now: at(190), since: 120 })).verdict, `seed ${seed}`).toBe('incident')
  }
})

describe('the same release again half a minute after its rollback, as the next alert fires', () => {
  it.each([
    [28, 80],
    [28, 95],
    [40, 110],
  ])('is a separate incident, after %i s and %i s', async (first, second) => {
    for (const seed of [...SEEDS, 4, 5, 6]) {
      const again: Outage[] = [
        { ...RELEASE, start: at(first), end: at(first + 18) },
        { ...RELEASE, start: at(second), end: null },
      ]
      const told = await run(seed, again, second + 30)
      const fired = alertsOf(told).find(({ type, at: when }) => type === 'fired' && when > at(second))!
      const { baseline: _baseline, ...whole } = asked(told, { now: fired.at + 1000, since: 3600 })
      const alert = { service: fired.service, summary: 'it fires', since: fired.since, labels: {} }
      const verdict = diagnose({ ...whole, asked: fired.service, alert, onset: fired.since })
      expect(verdict, `seed ${seed}`).toMatchObject({ verdict: 'incident', phase: 'going_on' })
      expect(verdict.rootCauses[0], `seed ${seed}`).toMatchObject({ service: 'cart', changeId: 'change-2' })
      expect(Math.abs(verdict.onset! - at(second)), `seed ${seed}`).toBeLessThan(8_000)
    }
  })
})
