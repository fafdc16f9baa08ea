/** What is foretold of generated resources: how well where they get full, how often where they do not. */
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { Outlook } from '../../analysis/filling/outlook.ts'
import { randomFrom } from '../rankings/measures.ts'
import { errorAtHalf } from './error-at-half.ts'
import type { Course } from './resource.ts'
import type { Kind } from './resources.ts'

const WEEK = 604_800_000

/** Of each resource: the error at half of the way, as a share of the time that was left; null: nothing was foretold then. */
export const errorsOf = (kind: Kind, seeds: readonly number[]): (number | null)[] =>
  drawn(kind, seeds).map((course) => {
    if (course.full === null) throw new Error(`${kind.name} did not get full`)
    return errorAtHalf(foretold(course), course.onset, course.full)
  })

/** Forecasts produced a week. */
export function falseAWeek(kind: Kind, seeds: readonly number[]): number {
  const courses = drawn(kind, seeds)
  const weeks = courses.reduce((sum, { times }) => sum + (times.at(-1)! - times[0]!) / WEEK, 0)
  return courses.flatMap(foretold).filter(({ phase }) => phase === 'produced').length / weeks
}

const drawn = (kind: Kind, seeds: readonly number[]): Course[] =>
  seeds.map((seed) => kind.draw(randomFrom(7919 * seed)))

function foretold({ indicator, stepMs, times, values }: Course): Forecast[] {
  const outlook = new Outlook({ stepMs })
  return times.flatMap((time, at) => {
    outlook.add({ service: 'generated', indicator, unit: 'ratio', time, value: values[at]! })
    return outlook.advance(time)
  })
}
