/** The series that show a resource's usage: for disks one per file system or volume claim, otherwise the fullest instance. */
import { largest, smallest } from '../../analysis/extremes.ts'
import type { MetricSeries } from '../tools/tools.ts'

export interface Used {
  series: readonly MetricSeries[]
  /** read-only images and the like, which are always full and never change */
  leftOut: readonly MetricSeries[]
}

/** Series of the best available indicator; null: there is none. */
export function usedOf(series: readonly MetricSeries[], indicators: readonly string[]): Used | null {
  for (const indicator of indicators) {
    const found = series.filter((one) => one.indicator === indicator && one.values.length > 0)
    if (found.length === 0) continue
    const fullestFirst = found.toSorted((a, b) => b.values.at(-1)! - a.values.at(-1)!)
    if (indicator !== 'disk') return { series: fullestFirst.slice(0, 1), leftOut: [] }
    const leftOut = fullestFirst.filter(isFullByDesign)
    // if all of them are full, they are not full by design
    return leftOut.length === found.length
      ? { series: fullestFirst, leftOut: [] }
      : { series: fullestFirst.filter((one) => !leftOut.includes(one)), leftOut }
  }
  return null
}

const FULL = 0.9999
const isFullByDesign = ({ values, unit }: MetricSeries): boolean => unit === 'ratio' && smallest(values) >= FULL && stands({ values }) // prettier-ignore

/** Share of the limit within which a usage counts as constant: rounding, and a few files. */
export const STANDING = 0.002

export const stands = ({ values }: Pick<MetricSeries, 'values'>): boolean => largest(values) - smallest(values) <= STANDING // prettier-ignore
