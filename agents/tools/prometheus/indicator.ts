/** What is asked of a server about one service. */

/** `usage`: for capacity alone, not a golden signal */
export type Signal = 'latency' | 'traffic' | 'errors' | 'saturation' | 'usage'

/** Where a service was found. */
export interface Found {
  /** label matchers without braces */
  selector: string
  /** the same with what tells of the whole and not of its parts */
  whole: string
  /** a range such as `60s` */
  window: string
  /** matchers of failed requests, any of which will do; null: failed and good ones are not told apart */
  failed: readonly string[] | null
  /** metrics the server has */
  metrics: ReadonlySet<string>
}

export interface Indicator {
  name: string
  signal: Signal
  unit: string
  /** metrics that must be there */
  needs: readonly string[]
  /** and of these at least one */
  either?: readonly string[]
  /** null: cannot be told */
  promql(found: Found): string | null
}
