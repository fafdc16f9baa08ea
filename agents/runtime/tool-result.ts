import type { TimeRange } from '../../analysis/observations.ts'

/** Describes a tool call: enough to repeat the query and to open it elsewhere. */
export interface ToolCall {
  /** prometheus, loki, control-plane … */
  tool: string
  /** golden-signals, logs, audit-logs … */
  operation: string
  /** the query in the source's language; several are separated by a newline */
  query: string
  /** the queried time range, ms since the epoch */
  range: TimeRange | null
  /** a URL where a person sees the same data; null for a recording */
  link: string | null
  /** the source's warnings: truncation, partial answers */
  warnings: readonly string[]
  /** part of the query failed, as the warnings say; the data is incomplete */
  incomplete: boolean
  durationMs: number
}

/**
 * `no_data`: the source answered and has nothing; never the same as zero. `failed`: the query failed; `error` is the source's full error text. Data
 * is plain JSON, because it is journaled and stored as evidence.
 */
export type ToolResult<T> = ToolCall &
  (
    | { status: 'ok'; summary: string; data: T }
    | { status: 'no_data'; summary: string; data: null }
    | { status: 'failed'; summary: string; error: string; data: null }
  )

/** The first line of an error, short enough for a table. */
export const headline = (text: string): string =>
  text
    .replace(/\n[^]*$/, '')
    .slice(0, 200)
    .toWellFormed()
