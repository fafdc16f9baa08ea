/**
 * Whether the values at the parameters of a template are others than before (parameters of a log key: DeepLog, Du et al., CCS 2017; here
 * by medians and counts).
 */
import { largest, smallest } from '../extremes.ts'

export interface ParameterChange {
  /** which value of the line, from 0 */
  position: number
  /** the median where all are numbers, else the value most lines had; null: each line had its own */
  before: number | string | null
  during: number | string
}

/** Fewer values say nothing about what is usual. */
export const ENOUGH_VALUES = 8

/** The strongest change among the parameters: a number that moved, or a value that took over. Rows: values of one line. */
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

/** Medians further apart than three times the wider spread (interquartile range), and by half at least. */
function numbersMoved(before: readonly string[], during: readonly string[]): Moved {
  const [was, is] = [numbers(before), numbers(during)]
  if (was === null || is === null) return null
  // Identifiers and instants only ever grow: they differ without telling anything.
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
  // Where every line had its own value before, a repeated one is a change; where one value ruled, another one is.
  const ownValues = new Set(before).size > 0.8 * before.length
  return usualCount >= 0.8 * before.length || ownValues ? { before: ownValues ? null : usual, during: value } : null
}

function numbers(values: readonly string[]): number[] | null {
  const parsed = values.map((value) => Number(/^[^\d-]*(-?\d+(?:\.\d+)?)[^\d]*$/.exec(value)?.[1] ?? NaN))
  return parsed.some(Number.isNaN) ? null : parsed.sort((a, b) => a - b)
}

const isCounting = (sorted: readonly number[]): boolean => new Set(sorted).size > 0.9 * sorted.length

function mostFrequent(values: readonly string[]): [string, number] {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].reduce<[string, number]>((best, one) => (one[1] > best[1] ? one : best), ['', 0])
}

const quantile = (sorted: readonly number[], q: number): number => sorted[Math.floor(q * (sorted.length - 1))]!
