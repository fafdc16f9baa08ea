/**
 * Compares log lines, request paths and spans of each service between baseline and window, as in Nezha (Yu et al., FSE 2023). The paper behind each
 * comparison is named in its file.
 */
import { compareTemplates, type TemplateChange } from '../logs/changes.ts'
import type { MinedLines } from '../logs/mined.ts'
import { comparePaths, type PathChange } from '../logs/paths.ts'
import { silencesOf } from '../logs/silence.ts'
import type { LogLine, Span, TimeRange } from '../observations.ts'
import { comparePlaced, type TraceFinding } from '../traces/compare.ts'
import type { PlacedSpan } from '../traces/tree.ts'

/** Everything in one time range; traces are kept whole. */
export interface Told {
  logs: readonly LogLine[]
  spans: readonly PlacedSpan[]
}

export interface ToldEvidence {
  logs: readonly TemplateChange[]
  paths: readonly PathChange[]
  traces: readonly TraceFinding[]
}

/** `baseline`, `window`: the time ranges the lines cover. */
export function compareTold(
  before: Told,
  during: Told,
  covered: { baseline: TimeRange; window: TimeRange },
  mined: MinedLines,
): ToldEvidence {
  return {
    logs: [
      ...silencesOf(before.logs, during.logs),
      ...compareTemplates(before.logs, during.logs, { ...covered, mined }),
    ],
    paths: comparePaths(unplaced(before), unplaced(during), mined),
    traces: comparePlaced({ before: before.spans, during: during.spans }).findings,
  }
}

const unplaced = ({ logs, spans }: Told): { logs: readonly LogLine[]; spans: readonly Span[] } => ({
  logs,
  spans: spans.map(({ span }) => span),
})
