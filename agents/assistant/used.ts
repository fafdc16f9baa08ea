/** Which series tell what a resource uses: of disks every file system and claim by itself, of anything else the fullest. */
import { largest, smallest } from '../../analysis/extremes.ts'
import type { MetricSeries } from '../tools/tools.ts'

export interface Used {
  series: readonly MetricSeries[]
  /** images and the like, that are full and never change */
  leftOut: readonly MetricSeries[]
}

/** Of the best indicator there is; null: none tells. */
export function usedOf(series: readonly MetricSeries[], indicators: readonly string[]): Used | null {
  for (const indicator of indicators) {
    const found = series.filter((one) => one.indicator === indicator && one.values.length > 0)
    if (found.length === 0) continue
    const fullestFirst = found.toSorted((a, b) => b.values.at(-1)! - a.values.at(-1)!)
    if (indicator !== 'disk') return { series: fullestFirst.slice(0, 1), leftOut: [] }
    const leftOut = fullestFirst.filter(isFullByDesign)
    // the only one that is full is full
    return leftOut.length === found.length
      ? { series: fullestFirst, leftOut: [] }
      : { series: fullestFirst.filter((one) => !leftOut.includes(one)), leftOut }
  }
  return null
}

const FULL = 0.9999
const isFullByDesign = ({ values, unit }: MetricSeries): boolean => unit === 'ratio' && smallest(values) >= FULL && stands({ values }) // prettier-ignore

/** Share of the limit by which what stands may change: rounding, and a few files. */
export const STANDING = 0.002

export const stands = ({ values }: Pick<MetricSeries, 'values'>): boolean => largest(values) - smallest(values) <= STANDING // prettier-ignore
