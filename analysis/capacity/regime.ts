/**
 * Finds the start of the current usage pattern, e.g. after a volume was resized or emptied, or when growth started after months of flat
 * usage. Recurring steps, such as a weekly clean-up, are part of the pattern.
 */
import { largest } from '../extremes.ts'
import { median, quantileOf } from '../metrics/robust.ts'
import { type Sample, senSlope } from '../metrics/slope.ts'

export interface Regime {
  /** stepped: the level changed at once; bent: the slope changed */
  kind: 'stepped' | 'bent'
  /** time of its first sample, ms since the epoch */
  start: number
}

interface Step {
  at: number
  change: number
}

/** Minimum size of a step, as share of the higher level. */
const STEP = 0.2
/** Samples on each side whose medians are compared. */
const ASIDE = 3
/** A sudden rise may be a burst; it counts as a step once it has lasted this many periods. */
const LASTING = 2
/** Steps that occur at least this often are part of the pattern. */
const HABIT = 3
/** For a bend, the last day must be this many times further from the line than any earlier day. */
const BEYOND = 2
/** Residuals below this share of the level are negligible. */
const SLIGHT = 0.02
const FEWEST_DAYS_BEFORE = 8
/** A bend is dated this precisely, as share of its age. */
const DATED = 0.1
/** Maximum number of samples for a slope, whose computing time grows with their square. */
const ENOUGH = 100

/**
 * The samples of the current pattern, and why earlier ones were left out (null: none were). `samples` are in ascending order; `day`: ms of the period whose
 * means `daysOf` returns.
 */
export function ofNow(
  samples: readonly Sample[],
  daysOf: (samples: readonly Sample[]) => Sample[],
  day: number,
): { samples: readonly Sample[]; regime: Regime | null } {
  const steps = stepsOf(samples).filter((step, _, all) => isOnce(step, all) && !isUndone(step, all))
  const lasted = (samples.at(-1)?.time ?? 0) - LASTING * day
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
    const change = changeAt(samples, at, at)
    const around = change !== null || steps.at(-1)?.at === at ? null : changeAt(samples, at, at + 1)
    if (change !== null) steps.push({ at, change })
    else if (around !== null && changeAt(samples, at + 1, at + 1) === null) steps.push({ at: at + 1, change: around })
  }
  return steps
}

/** The step from the sample before `at` to `to`: the same sample, or the next one if `at` is a mean of both levels. null: there is none. */
function changeAt(samples: readonly Sample[], at: number, to: number): number | null {
  const [last, next] = [samples[at - 1]?.value, samples[to]?.value]
  if (last === undefined || next === undefined || to + ASIDE > samples.length) return null
  const change = next - last
  // cheaper than the medians
  if (to > at && Math.abs(change) < STEP * Math.max(Math.abs(last), Math.abs(next))) return null
  const before = median(samples.slice(at - ASIDE, at).map(({ value }) => value))
  const after = median(samples.slice(to, to + ASIDE).map(({ value }) => value))
  const isLarge =
    Math.min(Math.abs(after - before), Math.abs(change)) >= STEP * Math.max(Math.abs(before), Math.abs(after))
  // on a steady slope the medians of three samples per side differ three times as much as two neighbours
  return isLarge && Math.abs(change) >= 0.7 * Math.abs(after - before) ? change : null
}

const isOnce = ({ change }: Step, steps: readonly Step[]): boolean =>
  steps.filter((other) => change * other.change > 0 && Math.abs(other.change) >= Math.abs(change) / 2).length < HABIT

/** Whether another step reverses this one: a temporary change. */
const isUndone = (step: Step, steps: readonly Step[]): boolean =>
  steps.some((other) => other !== step && Math.abs(other.change + step.change) <= 0.3 * Math.abs(step.change))

/** Where the daily means left the earlier trend line and did not return; null: nowhere. `days` are in ascending order. */
function lastBend(days: readonly Sample[]): Regime | null {
  const last = days.at(-1)
  if (last === undefined || days.length < FEWEST_DAYS_BEFORE + 2) return null
  const slight = SLIGHT * Math.abs(median(days.map(({ value }) => value)))
  let best = { cost: sum(days.map(strayFrom(days))) / 2, bend: null as Regime | null }
  for (let length = 2; length <= days.length - FEWEST_DAYS_BEFORE; length += Math.ceil(DATED * length)) {
    const [before, after] = [days.slice(0, -length), days.slice(-length)]
    const stray = strayFrom(before)
    const strays = before.map(stray)
    if (!(stray(last) > BEYOND * Math.max(largest(strays), slight))) continue
    const cost = sum(strays) + sum(after.map(strayFrom(after)))
    if (cost < best.cost) best = { cost, bend: { kind: 'bent', start: after[0]!.time } }
  }
  return best.bend
}

/** The distance of a sample from a robust line through these; up to a quarter of them may be outliers. */
function strayFrom(samples: readonly Sample[]): (one: Sample) => number {
  const every = Math.ceil(samples.length / ENOUGH)
  const slope = senSlope(
    samples.filter((_, at) => at % every === 0),
    0.95,
  ).estimate
  const rest = ({ time, value }: Sample): number => value - slope * (time - samples[0]!.time)
  const middle = quantileOf(samples.map(rest), 0.5)
  return (one) => Math.abs(rest(one) - middle)
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
