/** What `npm run bench -- --anomalies --quality` measures with. */
import { describe, expect, it } from 'vitest'
import { quietOf } from '../../bench/generated/quiet.ts'
import { errorAtHalf } from '../../bench/quality/error-at-half.ts'
import { faultRun } from '../../bench/quality/faults.ts'
import { FILLING, NEVER } from '../../bench/quality/resources.ts'
import { quietSystem } from '../../bench/quality/quiet.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { runProgram } from '../cli/run-sre.ts'

describe('what is measured', () => {
  it('is said once for each part that is asked for', { timeout: 120_000 }, async () => {
    const flags = ['--anomalies', '--quality', '--part', 'systems', '--systems', '1', '--hours', '1']
    const ran = await runProgram(['bench/sessions.ts', ...flags], {})
    expect(ran.code, ran.err).toBe(0)
    const said = /^false announcements in 1 generated systems, 1 h of each, (looked at|left out): \d+\.\d\d a service and week \(goal 1\): \d+ anomalies and \d+ forecasts in 0\.\d weeks of a service$/ // prettier-ignore
    const lines = ran.out.split('\n').filter((line) => line.startsWith('false'))
    expect(lines.map((line) => said.exec(line)?.[1])).toEqual(['looked at', 'left out'])
  })

  it('refuses a part that there is not', async () => {
    const ran = await runProgram(['bench/sessions.ts', '--anomalies', '--quality', '--part', 'all'], {})
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain("there is no part 'all'")
  })
})

it('a leak of the lab is announced, foretold at half of the way, and full', { timeout: 120_000 }, async () => {
  const { announced, before, full } = await faultRun('memory-leak', 1)
  expect(announced).toBeLessThan(full!.lengthMs)
  expect(before).toBe(0)
  expect(full!.error).toBeLessThan(0.5)
})

it('the error of a forecast is a share of the time that was left at half of the way', () => {
  const told = (at: number, full: number, phase: 'produced' | 'revised' | 'closed' = 'produced') => ({ at, phase, full: { at: full, earliest: full, latest: full, level: 0.9 } }) // prettier-ignore
  expect(errorAtHalf([], 0, 100)).toBeNull()
  expect(errorAtHalf([told(60, 100)], 0, 100)).toBeNull()
  expect(errorAtHalf([told(20, 90)], 0, 100)).toBeCloseTo(0.2)
  expect(errorAtHalf([told(20, 90), told(50, 110, 'revised'), told(70, 100, 'revised')], 0, 100)).toBeCloseTo(0.2)
  expect(errorAtHalf([told(20, 90), told(40, 90, 'closed')], 0, 100)).toBeNull()
})

describe('generated resources', () => {
  const courses = (kinds: typeof FILLING) => kinds.map(({ name, draw }) => ({ name, course: draw(randomFrom(11)) }))

  it('get full after the rise began, or never', () => {
    for (const { name, course } of courses(FILLING)) {
      expect(course.full, name).toBe(course.times.at(-1))
      expect(course.onset, name).toBeLessThan(course.full!)
      expect(course.onset, name).toBeGreaterThanOrEqual(course.times[0]!)
    }
    for (const { name, course } of courses(NEVER)) expect(course.full, name).toBeNull()
  })

  it('follow from the seed alone, and are of kinds on both sides', () => {
    expect(courses(FILLING)).toEqual(courses(FILLING))
    for (const kinds of [FILLING, NEVER]) expect(new Set(kinds.map(({ side }) => side))).toEqual(new Set(['looked_at', 'left_out'])) // prettier-ignore
  })
})

it('a quiet system is measured for as long as it was asked for, and the same for the same seed', () => {
  const { series, services, stepMs } = quietOf('left_out', 3, 2)
  expect(new Set(series.map(({ service }) => service)).size).toBe(services)
  expect(Math.max(...series.map(({ times }) => times.length))).toBe((2 * 3_600_000) / stepMs)
  expect(quietOf('left_out', 3, 2).series).toEqual(series)
  expect(quietSystem('left_out', 3, 2).serviceWeeks).toBeCloseTo((services * 2) / 168)
})
