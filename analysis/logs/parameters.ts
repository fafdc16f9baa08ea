/**
 * Detects whether the parameter values of a template changed (parameters of a log key: DeepLog, Du et al., CCS 2017; here by medians and
 * counts).
 */
import { largest, smallest } from '../extremes.ts'

export interface ParameterChange {
  /** index of the value in the line, from 0 */
  position: number
  /** the median if all are numbers, else the most frequent value; null: each line had its own value */
  before: number | string | null
  during: number | string
}

/** Minimum number of values on each side. */
export const ENOUGH_VALUES = 8

/** The first parameter whose numbers moved or whose values were replaced by a single one. Each row holds the values of one line. */
export function parameterChange(
  before: readonly (readonly string[])[],
  during: readonly (readonly string[])[],
): ParameterChange | null {
  if (before.length < ENOUGH_VALUES || during.length < ENOUGH_VALUES) return null
  const width = smallest([...before, ...during].map((row) => row.length))
  for (let position = 0; position < width; position += 1) {
    const was = before.map((row) => row[position]!)
    const is = during.map((row) => row[position]!)
    const change = numbersMoved(was, is) ?? valueTookOver(was, is)
    if (change !== null) return { position, ...change }
  }
  return null
}

type Moved = Omit<ParameterChange, 'position'> | null

/** The medians differ by more than three times the larger interquartile range, and by more than half. */
function numbersMoved(before: readonly string[], during: readonly string[]): Moved {
  const [was, is] = [numbers(before), numbers(during)]
  if (was === null || is === null) return null
  // ids and timestamps always grow
  if (smallest(is) > largest(was) && isCounting(was) && isCounting(is)) return null
  const [a, b] = [quantile(was, 0.5), quantile(is, 0.5)]
  const spread = Math.max(quantile(was, 0.75) - quantile(was, 0.25), quantile(is, 0.75) - quantile(is, 0.25))
  if (Math.abs(b - a) <= 3 * spread || Math.abs(b - a) <= 0.5 * Math.abs(a)) return null
  return { before: a, during: b }
}

function valueTookOver(before: readonly string[], during: readonly string[]): Moved {
  const [value, count] = mostFrequent(during)
  const [usual, usualCount] = mostFrequent(before)
  if (count < 0.8 * during.length || before.includes(value)) return null
  // a change is a new dominant value, where before another value dominated or each line had its own
  const ownValues = new Set(before).size > 0.8 * before.length
  return usualCount >= 0.8 * before.length || ownValues ? { before: ownValues ? null : usual, during: value } : null
}

/** null: not all are numbers, or of different units. */
function numbers(values: readonly string[]): number[] | null {
  if (new Set(values.map(unitOf)).size > 1) return null
  const parsed = values.map((value) => Number(/^[^\d-]*(-?\d+(?:\.\d+)?)[^\d]*$/.exec(value)?.[1] ?? NaN))
  return parsed.some(Number.isNaN) ? null : parsed.sort((a, b) => a - b)
}

/** The letters at the end, such as `ms` in `12 ms,`. */
const unitOf = (value: string): string | undefined =>
  value
    .split(/[\d_]/)
    .at(-1)!
    .match(/[A-Za-zµ]+/g)
    ?.at(-1)

const isCounting = (sorted: readonly number[]): boolean => new Set(sorted).size > 0.9 * sorted.length

function mostFrequent(values: readonly string[]): [string, number] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce<[string, number]>((best, one) => (one[1] > best[1] ? one : best), ['', 0])
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))]!
