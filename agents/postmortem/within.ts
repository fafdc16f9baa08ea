/** A signal before, during and after the incidents: what its samples say, and what none of them stands for. */
import { median } from '../../analysis/metrics/robust.ts'
import type { Signal } from './measurements.ts'
import type { Period } from './periods.ts'
import { STEPS_PER_SAMPLE, stepOf } from './spans.ts'

type Points = Signal['points']

export const before = ({ points }: Signal, [first]: readonly Period[]): Points =>
  first === undefined ? [] : points.filter(([at]) => at <= first.began)

export const inside = ({ points }: Signal, periods: readonly Period[]): Points =>
  points.filter(([at]) => periods.some(({ began, ended }) => at > began && (ended === null || at <= ended)))

/** A sample covers the rate window before it: until that lies after the end, it still contains a part of the incident. */
export function after({ points, windowMs }: Signal, periods: readonly Period[]): Points {
  const ended = periods.at(-1)?.ended ?? null
  return ended === null ? [] : points.filter(([at]) => at >= ended + windowMs)
}

export const medianOf = (points: Points): number | null =>
  points.length === 0 ? null : median(points.map(([, value]) => value))

export function worstOf(points: Points): { value: number; at: number } | null {
  let worst: { value: number; at: number } | null = null
  for (const [at, value] of points) if (worst === null || value > worst.value) worst = { value, at: Math.round(at) }
  return worst
}

/**
 * Of a rate per second, as far as samples stand for the periods. Answers overlap and have different steps: of two samples that stand for the same time the
 * next one counts, and no time counts twice. Null: no sample.
 */
export function integral({ points }: Pick<Signal, 'points'>, periods: readonly Period[]): number | null {
  let [sum, counted] = [0, false]
  const add = (value: number, after: number, until: number): void => {
    for (const { began, ended } of periods) {
      const [from, to] = [Math.max(after, began), ended === null ? until : Math.min(until, ended)]
      if (to <= from) continue
      sum += (value * (to - from)) / 1000
      counted = true
    }
  }
  // of the later samples, the one that reaches farthest back: it stands for what the samples in between leave out
  let far: { value: number; from: number } | null = null
  for (let place = points.length - 1; place >= 0; place -= 1) {
    const [at, value, span] = points[place]!
    const earlier = points[place - 1]?.[0] ?? Number.NEGATIVE_INFINITY
    const from = at - span
    add(value, Math.max(from, earlier), at)
    if (far !== null) add(far.value, Math.max(far.from, earlier), from)
    if (far === null || from < far.from) far = { value, from }
  }
  return counted ? sum : null
}

/** Time of the last sample. */
export const lastOf = ({ points }: Signal): number => points.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY

/** The report shows seconds. */
const SHORTEST_HOLE_MS = 1000

/** Parts of the periods that no sample stands for, before `until`. */
export function holesIn(signal: Signal, periods: readonly Period[], until: number): { began: number; ended: number }[] {
  const covered = signal.points
    .map(([at, , span]) => ({ from: at - span, to: at }))
    .sort((one, other) => one.from - other.from)
  const last = lastOf(signal)
  // signals are not sampled at the same moments
  const isOver = until - last > STEPS_PER_SAMPLE * stepOf(signal.points.map(([at]) => at))
  return periods.flatMap(({ began, ended }) => {
    const end = Math.min(ended ?? until, isOver ? until : last)
    const holes = []
    let reached = began
    for (const { from, to } of [...covered, { from: end, to: end }]) {
      if (Math.min(from, end) - reached >= SHORTEST_HOLE_MS) holes.push({ began: reached, ended: Math.min(from, end) })
      reached = Math.max(reached, to)
    }
    return holes
  })
}
