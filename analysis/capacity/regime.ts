/**
 * Since when a resource has been used as it is now: a volume that was resized or emptied once counts from then on, and what began to grow
 * lately is not what it was for months before. What comes again and again, such as a weekly clean-up, is how it is used.
 */
import { largest } from '../extremes.ts'
import { median, quantileOf } from '../metrics/robust.ts'
import { type Sample, senSlope } from '../metrics/slope.ts'

export interface Regime {
  /** stepped: its level changed at once; bent: it left its line, and follows another */
  kind: 'stepped' | 'bent'
  /** ms since the epoch of the first sample of it */
  start: number
}

interface Step {
  at: number
  change: number
}

/** Share of the higher level that a step changes at least. */
const STEP = 0.2
/** Samples on both sides whose middle is compared. */
const ASIDE = 3
/** A level that has risen at once may be a burst, and is believed when it has lasted so long. */
const LASTING_MS = 2 * 86_400_000
/** What came so often, or more, is a habit. */
const HABIT = 3
/** How far the last day is from the line of before, in the farthest that any other day was. */
const BEYOND = 2
/** Share of the level that is nothing to speak of. */
const SLIGHT = 0.02
const FEWEST_DAYS_BEFORE = 8
const LONGEST_BEND = 0.25

/** The samples since it has been used as it is now, and why those before are left out; null: none are. `samples` ascend. */
export function ofNow(
  samples: readonly Sample[],
  daysOf: (samples: readonly Sample[]) => Sample[],
): { samples: readonly Sample[]; regime: Regime | null } {
  const steps = stepsOf(samples).filter((step, _, all) => isOnce(step, all) && !isUndone(step, all))
  const lasted = (samples.at(-1)?.time ?? 0) - LASTING_MS
  const isBurst = ({ at, change }: Step): boolean => change > 0 && samples[at]!.time > lasted
  const last = steps.findLast((step) => !isBurst(step))
  const step: Regime | null = last === undefined ? null : { kind: 'stepped', start: samples[last.at]!.time }
  const since = last === undefined ? samples : samples.slice(last.at)
  const bend = steps.some(isBurst) ? null : lastBend(daysOf(since))
  if (bend === null) return { samples: since, regime: step }
  return { samples: since.filter(({ time }) => time >= bend.start), regime: bend }
}

function stepsOf(samples: readonly Sample[]): Step[] {
  const steps: Step[] = []
  for (let at = ASIDE; at + ASIDE <= samples.length; at++) {
    const before = median(samples.slice(at - ASIDE, at).map(({ value }) => value))
    const after = median(samples.slice(at, at + ASIDE).map(({ value }) => value))
    const change = samples[at]!.value - samples[at - 1]!.value
    const isLarge =
      Math.min(Math.abs(after - before), Math.abs(change)) >= STEP * Math.max(Math.abs(before), Math.abs(after))
    // of a slope the three on each side differ by three times as much as two neighbours
    if (isLarge && Math.abs(change) >= 0.7 * Math.abs(after - before)) steps.push({ at, change })
  }
  return steps
}

const isOnce = ({ change }: Step, steps: readonly Step[]): boolean =>
  steps.filter((other) => change * other.change > 0 && Math.abs(other.change) >= Math.abs(change) / 2).length < HABIT

/** Up and down again by as much: something was there for a while. */
const isUndone = (step: Step, steps: readonly Step[]): boolean =>
  steps.some((other) => other !== step && Math.abs(other.change + step.change) <= 0.3 * Math.abs(step.change))

/** Where the days left the line of those before, and did not come back; null: they did not. `days` are means, and ascend. */
function lastBend(days: readonly Sample[]): Regime | null {
  const last = days.at(-1)
  if (last === undefined || days.length < FEWEST_DAYS_BEFORE + 2) return null
  const strays = straysFrom(days)
  const slight = SLIGHT * Math.abs(median(days.map(({ value }) => value)))
  let best = { cost: sum(strays) / 2, bend: null as Regime | null }
  for (let length = 2; length <= days.length * LONGEST_BEND; length++) {
    const [before, after] = [strays.slice(0, -length), days.slice(-length)]
    if (before.length < FEWEST_DAYS_BEFORE || !(strays.at(-1)! > BEYOND * Math.max(largest(before), slight))) continue
    const cost = sum(before) + sum(straysFrom(after))
    if (cost < best.cost) best = { cost, bend: { kind: 'bent', start: after[0]!.time } }
  }
  return best.bend
}

/** How far each lies from the line through all of them, which a quarter of them does not bend. */
function straysFrom(samples: readonly Sample[]): number[] {
  const slope = senSlope(samples, 0.95).estimate
  const rests = samples.map(({ time, value }) => value - slope * (time - samples[0]!.time))
  const middle = quantileOf(rests, 0.5)
  return rests.map((rest) => Math.abs(rest - middle))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
