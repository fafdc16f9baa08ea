/** Another service fails soon after a bad release was rolled back. */
import { expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { observationsOf } from '../../bench/outages/lab-days.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { replay } from '../../lab/replay/replay.ts'
import type { Outage } from '../../lab/replay/stage.ts'

const START = Date.parse('2026-03-02T10:00:00Z')
const at = (seconds: number): number => START + seconds * 1000
const OUTAGES: Outage[] = [
  { service: 'cart', fault: 'release', start: at(90), end: at(130) },
  { service: 'catalog', fault: 'failing', start: at(215), end: null },
]

it.each([1, 2, 3, 4])('the rollback is not blamed, seed %i', async (seed) => {
  const told = await replay({ start: START, end: at(245), random: randomFrom(seed), outages: OUTAGES, scrapeEveryMs: 1000, windowMs: 10_000 }) // prettier-ignore
  const window = { now: at(245), since: 1800, known: 1800, outages: [], truth: null, phase: null }
  const verdict = diagnose({ ...observationsOf(window, told), asked: 'frontend' })
  expect(verdict).toMatchObject({ verdict: 'incident', rootCauses: [{ service: 'catalog', changeId: null }, ...verdict.rootCauses.slice(1)] }) // prettier-ignore
  expect(verdict.suspectedChanges?.suspects.filter(({ changeId }) => changeId === 'change-1')).toEqual([])
})
