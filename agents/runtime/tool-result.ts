import type { TimeRange } from '../../analysis/observations.ts'

/** What every tool answer says about itself: enough to ask the same again and to see it with one's own eyes. */
export interface ToolCall {
  /** prometheus, loki, control-plane … */
  tool: string
  /** golden-signals, logs, audit-logs … */
  operation: string
  /** the query that ran, as the source understands it; several are joined by a line break */
  query: string
  /** the time asked about, ms since the epoch */
  range: TimeRange | null
  /** a URL a person can open to see the same; null over a recording */
  link: string | null
  /** what the source warned about: truncation, partial answers */
  warnings: readonly string[]
  /** part of the question failed, as the warnings say: what is here is not all */
  incomplete: boolean
  durationMs: number
}

/**
 * `no_data`: the source answered and has nothing; never the same as zero. `failed`: the source could not be asked, `error` is its own
 * words in full. Data is plain JSON: it is journaled and stored as evidence.
 */
export type ToolResult<T> = ToolCall &
  (
    | { status: 'ok'; summary: string; data: T }
    | { status: 'no_data'; summary: string; data: null }
    | { status: 'failed'; summary: string; error: string; data: null }
  )

/** The first line of an error told in full, short enough for a table. */
export const headline = (text: string): string =>
  text
    .replace(/\n[^]*$/, '')
    .slice(0, 200)
    .toWellFormed()
