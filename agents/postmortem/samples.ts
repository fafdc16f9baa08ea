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

/** Of different times: more than a week at the finest step of any source. */
const MOST = 100_000

export interface Sorted {
  times: number[]
  values: number[]
  /** ms before each time that its value stands for */
  spans: number[]
}

export function createSamples() {
  let [times, values, spans]: Column[] = [new Float64Array(64), new Float64Array(64), new Float64Array(64)]
  // sessions ask about the same minutes: most of what the later ones were told is there already
  const places = new Map<number, number>()

  const grown = (column: Column): Column => {
    const larger = new Float64Array(2 * column.length)
    larger.set(column)
    return larger
  }

  return {
    /** Of two with the same time the later one counts, and the longer span. Returns false if there are too many. */
    add(time: number, value: number, span: number): boolean {
      const known = places.get(time)
      if (known === undefined && places.size >= MOST) return false
      const place = known ?? places.size
      if (place === times!.length) [times, values, spans] = [grown(times!), grown(values!), grown(spans!)]
      places.set(time, place)
      times![place] = time
      values![place] = value
      spans![place] = Math.max(spans![place]!, span)
      return true
    },
    sorted(): Sorted {
      const order = [...places.values()].sort((one, other) => times![one]! - times![other]!)
      const inOrder = (column: Column): number[] => order.map((place) => column[place]!)
      return { times: inOrder(times!), values: inOrder(values!), spans: inOrder(spans!) }
    },
  }
}
