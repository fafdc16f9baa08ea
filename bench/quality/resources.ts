/**
 * Kinds of resources that get full, and kinds that never do. Choices may be made while looking at those of one side; those of the other side are run
 * and reported only.
 */
import type { Side } from '../division.ts'
import {
  between,
  type Course,
  courseOf,
  DAY,
  HOUR,
  MINUTE,
  normal,
  type Random,
  saw,
  type Shape,
  wave,
} from './resource.ts'

export interface Kind {
  name: string
  side: Side
  draw(random: Random): Course
}

type Drawn = Omit<Shape, 'before' | 'after' | 'level' | 'indicator'> & {
  indicator?: string
  before: number
  /** ms from the beginning of the rise until the limit, on a straight line */
  length: number
  /** of the line at its beginning */
  base: number
  /** added to the line; default: nothing */
  beside?: (at: number) => number
  /** share of the rise that is done after a share of its time; default: the same */
  bent?: (share: number) => number
}

const filling = (side: Side, name: string, drawn: (random: Random) => Drawn): Kind => ({
  ...{ side, name },
  draw: (random) => {
    const { length, base, beside = () => 0, bent = (share) => share, ...rest } = drawn(random)
    const level = (at: number): number => base + (1 - base) * bent(Math.max(0, at) / length) + beside(at)
    return courseOf({ indicator: 'memory_ratio', ...rest, after: 3 * length, level }, random)
  },
})

const WATCHED = 14 * DAY
const never = (side: Side, name: string, drawn: (random: Random) => Pick<Shape, 'level' | 'noise'> & Partial<Shape>): Kind => ({
  ...{ side, name },
  draw: (random) => courseOf({ indicator: 'memory_ratio', stepMs: MINUTE, before: 0, after: WATCHED, ...drawn(random) }, random),
}) // prettier-ignore

export const FILLING: readonly Kind[] = [
  filling('looked_at', 'leak of an hour', (random) => ({
    ...{ stepMs: 10_000, noise: 0.01, before: 3 * HOUR },
    ...{ base: between(random, 0.2, 0.4), length: between(random, 40, 80) * MINUTE },
  })),
  filling('looked_at', 'leak of a day, garbage collected', (random) => {
    const collected = saw(20 * MINUTE, random())
    return {
      ...{ stepMs: MINUTE, noise: 0.01, before: 3 * DAY, beside: (at) => 0.1 * collected(at) },
      ...{ base: between(random, 0.2, 0.4), length: between(random, 18, 30) * HOUR },
    }
  }),
  filling('looked_at', 'leak of two days over a daily season', (random) => {
    const day = wave(DAY, random())
    return {
      ...{ stepMs: MINUTE, noise: 0.01, before: 7 * DAY, beside: (at) => 0.06 * day(at) },
      ...{ base: between(random, 0.2, 0.3), length: between(random, 40, 60) * HOUR },
    }
  }),
  filling('looked_at', 'disk of three weeks', (random) => ({
    ...{ indicator: 'disk', stepMs: 5 * MINUTE, noise: 0.003, before: 0 },
    ...{ base: between(random, 0.3, 0.5), length: between(random, 16, 26) * DAY },
  })),
  filling('looked_at', 'disk of two weeks, cleaned up once', (random) => {
    const [length, base] = [between(random, 10, 16) * DAY, between(random, 0.3, 0.5)]
    const cleaned = between(random, 0.15, 0.4) * length
    const beside = (at: number): number => (at > cleaned ? -0.25 : 0)
    return { indicator: 'disk', stepMs: 5 * MINUTE, noise: 0.003, before: 0, base, length, beside, jump: cleaned }
  }),
  filling('looked_at', 'disk of four days, logs rotated each night', (random) => {
    const rotated = saw(DAY, random())
    return {
      ...{ indicator: 'disk', stepMs: MINUTE, noise: 0.002, before: 10 * DAY, beside: (at) => 0.08 * rotated(at) },
      ...{ base: between(random, 0.2, 0.4), length: between(random, 80, 120) * HOUR },
    }
  }),
  filling('left_out', 'disk of three weeks with days and weeks', (random) => {
    const [day, week] = [wave(DAY, random()), wave(7 * DAY, random())]
    return {
      ...{
        indicator: 'disk',
        stepMs: 5 * MINUTE,
        noise: 0.005,
        before: 0,
        beside: (at) => 0.04 * day(at) + 0.03 * week(at),
      },
      ...{ base: between(random, 0.3, 0.5), length: between(random, 16, 26) * DAY },
    }
  }),
  filling('left_out', 'connections of three days, more in office hours', (random) => {
    const [hour, opens] = [saw(DAY, random()), between(random, 0.05, 0.15)]
    const isOpen = (at: number): boolean => hour(at) < 9 / 24
    return {
      ...{ indicator: 'connections', stepMs: 30_000, noise: 0.02, before: 6 * DAY, beside: (at) => (isOpen(at) ? opens : 0) },
      ...{ base: between(random, 0.1, 0.3), length: between(random, 60, 84) * HOUR },
    } // prettier-ignore
  }),
  filling('left_out', 'leak of two days, faster with the traffic of the day', (random) => {
    const [length, day] = [between(random, 40, 60) * HOUR, wave(DAY, random())]
    // the integral of a rate that swings by six tenths
    const bent = (share: number): number => share + ((0.6 * DAY) / (2 * Math.PI * length)) * (day(share * length) - day(0)) // prettier-ignore
    return { stepMs: MINUTE, noise: 0.01, before: 7 * DAY, base: between(random, 0.2, 0.4), length, bent }
  }),
  filling('left_out', 'queue of twelve hours, in bursts', (random) => {
    const bursts = Array.from({ length: 400 }, () => between(random, 0.002, 0.018))
    const [length, done] = [between(random, 9, 15) * HOUR, [0]]
    for (const one of bursts) done.push(done.at(-1)! + one)
    const bent = (share: number): number => done[Math.min(400, Math.floor(100 * share))]!
    return { indicator: 'queue_used_ratio', stepMs: 30_000, noise: 0.003, before: 3 * DAY, base: between(random, 0.02, 0.1), length, bent } // prettier-ignore
  }),
  filling('left_out', 'file handles of six hours, after a calm week', (random) => ({
    ...{ indicator: 'file_descriptors_ratio', stepMs: 30_000, noise: 0.02, before: 7 * DAY },
    ...{ base: between(random, 0.05, 0.3), length: between(random, 4, 8) * HOUR },
  })),
]

export const NEVER: readonly Kind[] = [
  never('looked_at', 'flat with noise', (random) => {
    const base = between(random, 0.2, 0.8)
    return { noise: 0.01, level: () => base }
  }),
  never('looked_at', 'a daily season', (random) => {
    const [base, swing, day] = [between(random, 0.4, 0.6), between(random, 0.1, 0.3), wave(DAY, random())]
    return { noise: 0.01, level: (at) => base + swing * day(at) }
  }),
  never('looked_at', 'filled by day, cleaned at night', (random) => {
    const [base, swing, day] = [between(random, 0.1, 0.4), between(random, 0.2, 0.5), saw(DAY, random())]
    return { indicator: 'disk', noise: 0.002, level: (at) => base + swing * day(at) }
  }),
  never('looked_at', 'warm after each of several restarts', (random) => {
    const [base, swing] = [between(random, 0.1, 0.3), between(random, 0.3, 0.5)]
    const restarts = Array.from({ length: 5 }, () => random() * WATCHED)
    const since = (at: number): number => at - restarts.reduce((last, one) => (one <= at ? Math.max(last, one) : last), 0) // prettier-ignore
    return { noise: 0.01, level: (at) => base + swing * (1 - Math.exp(-since(at) / (2 * HOUR))) }
  }),
  never('looked_at', 'wandering', (random) => {
    let level = 0.5
    return { noise: 0.005, level: () => (level += 0.002 * normal(random) - 0.0005 * (level - 0.5)) }
  }),
  never('left_out', 'batch jobs at random times', (random) => {
    const base = between(random, 0.1, 0.3)
    const jobs = Array.from({ length: 30 }, () => ({ from: random() * WATCHED, length: between(random, 0.3, 3) * HOUR, top: between(random, 0.2, 0.6) })) // prettier-ignore
    const heights = (at: number): number[] => jobs.map(({ from, length, top }) => (at >= from && at < from + length ? (top * (at - from)) / length : 0)) // prettier-ignore
    return { indicator: 'disk', noise: 0.002, level: (at) => base + Math.max(0, ...heights(at)) }
  }),
  never('left_out', 'office hours, and calm weekends', (random) => {
    const [base, more, hour, day] = [between(random, 0.1, 0.3), between(random, 0.2, 0.5), saw(DAY, random()), saw(7 * DAY, random())] // prettier-ignore
    return { indicator: 'connections', noise: 0.02, level: (at) => base + (day(at) < 5 / 7 && hour(at) < 9 / 24 ? more : 0) } // prettier-ignore
  }),
  never('left_out', 'compacted every few hours', (random) => {
    const [base, swing, compacted] = [between(random, 0.2, 0.4), between(random, 0.1, 0.4), saw(between(random, 3, 9) * HOUR, random())] // prettier-ignore
    return { indicator: 'disk', noise: 0.003, level: (at) => base + swing * compacted(at) }
  }),
  never('left_out', 'a migration that moves data in once', (random) => {
    const [base, from, length, moved] = [between(random, 0.1, 0.3), between(random, 4, 10) * DAY, between(random, 2, 10) * HOUR, between(random, 0.2, 0.4)] // prettier-ignore
    return { indicator: 'disk', noise: 0.002, level: (at) => base + moved * Math.min(1, Math.max(0, (at - from) / length)) } // prettier-ignore
  }),
]
