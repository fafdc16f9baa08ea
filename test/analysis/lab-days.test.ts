/** Hours of the lab with bad releases, with its own counters and log lines. `npm run lab-days` runs two hundred. */
import { beforeAll, describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { judged, type Judgement } from '../../bench/outages/days.ts'
import {
  LAB_DAYS,
  labDayOf,
  observationsOf,
  replayed,
  SOURCES,
  takenAway,
  type LabDay,
} from '../../bench/outages/lab-days.ts'

const SEEDS = [103]
/** The wrong phase for each true phase. */
const WRONG: Readonly<Record<string, string>> = { going_on: 'over', over: 'going_on' }

describe('on bad days of the lab', () => {
  let asked: { name: string; said: Judgement; phase: string; expected: string }[]
  beforeAll(async () => {
    asked = []
    for (const kind of Object.keys(LAB_DAYS))
      for (const seed of SEEDS) {
        const day = labDayOf(kind, seed)
        const verdict = diagnose(observationsOf(day, await replayed(day, seed)))
        const said = judged(verdict, day.truth)
        asked.push({ name: `${kind} ${seed}`, said, phase: `${verdict.phase}`, expected: `${day.phase}` })
      }
  }, 180_000)

  it('there is neither an all-clear during an incident nor a false positive', () => {
    expect(asked.filter(({ said }) => said === 'false all-clear' || said === 'false alarm')).toEqual([])
  })

  it('the right service is blamed, with the right phase', () => {
    const right = asked.filter(({ said }) => said === 'right')
    expect(right.length).toBeGreaterThanOrEqual(0.9 * asked.length)
    expect(right.filter(({ phase, expected }) => phase === WRONG[expected])).toEqual([])
  })
})

it('blames the slow catalog and not the cart that gave up waiting for it', async () => {
  const day = labDayOf('an outage goes on', 4)
  expect(day.truth).toBe('catalog')
  const known = observationsOf(day, await replayed(day, 4))
  expect(diagnose(known).rootCauses[0]?.service).toBe('catalog')
  for (const source of SOURCES) expect(takenAway(known, source).verdict, source).not.toBe('nothing_wrong')
}, 180_000)

it('reports a rolled-back release as going on, then over, then gives an all-clear', async () => {
  const end = Date.parse('2026-03-02T10:00:00Z')
  const minutesAgo = (minutes: number): number => end - minutes * 60_000
  const outages: LabDay['outages'] = [{ service: 'cart', fault: 'release', start: minutesAgo(26), end: minutesAgo(20) }]
  const day = { now: end, since: 900, known: 1800, outages, truth: 'cart', phase: 'over' } as const
  const told = await replayed(day, 7)
  const asked = [21, 19, 15, 8, 0].map((minutes) => diagnose(observationsOf({ ...day, now: minutesAgo(minutes) }, told))) // prettier-ignore
  expect(asked.map(({ verdict }) => verdict)).toEqual([...Array(4).fill('incident'), 'nothing_wrong'])
  expect(asked.slice(0, 4).map(({ rootCauses: [first] }) => first?.service)).toEqual(Array(4).fill('cart'))
  const [going, ...later] = asked.slice(0, 4).map(({ phase }) => phase)
  expect(going).toBe('going_on')
  for (const phase of later) expect(['recovering', 'over']).toContain(phase)
}, 180_000)
