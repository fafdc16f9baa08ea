/** What is queried about one service. */

/** `usage`: for capacity only; not a golden signal */
export type Signal = 'latency' | 'traffic' | 'errors' | 'saturation' | 'usage'

/** How to select a service's series. */
export interface Found {
  /** label matchers without braces */
  selector: string
  /** the same, restricted to series of the whole instead of its parts */
  whole: string
  /** a range such as `60s` */
  window: string
  /** alternative matchers of failed requests; null: failures cannot be told from successes */
  failed: readonly string[] | null
  /** metrics the server has */
  metrics: ReadonlySet<string>
}

export interface Indicator {
  name: string
  signal: Signal
  unit: string
  /** required metrics */
  needs: readonly string[]
  /** at least one of these is required */
  either?: readonly string[]
  /** null: not available */
  promql(found: Found): string | null
  /** how full the left-out parts are, with a label `why` */
  leavesOut?(found: Found): string
}
