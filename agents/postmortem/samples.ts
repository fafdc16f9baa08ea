/** The samples of one series, in columns: of a large incident there are millions, and an object each would fill the memory. */
import type { Source } from '../../postmortem/report.ts'
export interface Measured {
  service: string
  /** null: of the whole service */
  instance: string | null
  indicator: string
  unit: string | null
  /** ascending */
  times: readonly number[]
  values: readonly number[]
  /** ms before each time that its value stands for */
  spans: readonly number[]
  /** ms before a sample that it was computed from, as the source tells; null: it does not */
  windowMs: number | null
  sources: readonly Source[]
}

type Column = Float64Array<ArrayBuffer>

/** More than a week at the finest step of any source. */
const MOST = 100_000

export interface Sorted {
  times: number[]
  values: number[]
  /** ms before each time that its value stands for */
  spans: number[]
}

export function createSamples() {
  let [times, values, spans]: Column[] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)]
  let count = 0

  const grown = (column: Column): Column => {
    const larger = new Float64Array(2 * column.length)
    larger.set(column)
    return larger
  }

  return {
    /** Of two with the same time the later one counts, and the longer span. Returns false if there are too many. */
    add(time: number, value: number, span: number): boolean {
      if (count >= MOST) return false
      if (count === times!.length) [times, values, spans] = [grown(times!), grown(values!), grown(spans!)]
      times![count] = time
      values![count] = value
      spans![count] = span
      count += 1
      return true
    },
    sorted(): Sorted {
      const order = Array.from({ length: count }, (_, place) => place).sort((one, other) => times![one]! - times![other]! || one - other) // prettier-ignore
      const sorted: Sorted = { times: [], values: [], spans: [] }
      for (const place of order) {
        const [time, last] = [times![place]!, sorted.times.length - 1]
        if (last >= 0 && sorted.times[last] === time) {
          sorted.values[last] = values![place]!
          sorted.spans[last] = Math.max(sorted.spans[last]!, spans![place]!)
          continue
        }
        sorted.times.push(time)
        sorted.values.push(values![place]!)
        sorted.spans.push(spans![place]!)
      }
      return sorted
    },
  }
}
