/** Samples traces across the whole range, not just the newest. */
import type { Span, TimeRange } from '../../../analysis/observations.ts'
import { wordsOf } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { CallContext } from '../tools.ts'
import type { FoundTrace, ReadTrace, TraceSearch } from './source.ts'
import { notes } from '../notes.ts'

/** Traces per time range, when the query sets no limit. */
export const DEFAULT_LIMIT = 500
const SLICES = 10
const FEWEST_SLICES = 3
/** Searches per time range: with many services the range is split into fewer slices. */
const SEARCHES = 100
/** Most spans of one time range, and of one trace; more do not improve the comparison. */
const MAX_SPANS = 25_000
const MAX_TRACE_SPANS = 5000

export interface Sample {
  traces: ReadTrace['spans'][]
  warnings: string[]
  /** some searches or traces failed, as the warnings say */
  incomplete: boolean
}

/** Traces that began in this range, at most `limit`, sampled across all of it. */
export async function sampleTraces(
  searches: readonly TraceSearch[],
  range: TimeRange,
  limit: number,
  context: CallContext,
): Promise<Sample> {
  const slices = slicesOf(range, Math.min(limit, SLICES, Math.max(FEWEST_SLICES, Math.floor(SEARCHES / searches.length)))) // prettier-ignore
  const share = Math.ceil(limit / slices.length)
  // a trace passes through several services, so each service's search needs less than a full share
  const each = Math.min(share, Math.max(5, Math.ceil((2 * share) / searches.length)))
  const { good: found, failed: unsearched } = await some(
    slices.map((slice) => searchSlice(searches, slice, each, context)),
  )
  const fresh = onceWithin(range)
  const inside = found.map((one) => one.found.filter(fresh))
  const chosen = evenly(
    inside.flatMap((traces) => evenly(traces, share)),
    limit,
  )
  const { good: read, failed: unread } = await some(chosen.map(readWithin(range)))
  const { kept, told } = thinned(
    read.map(({ spans }) => spans).filter((spans) => spans.length > 0),
    range,
  )
  const more = found.some((one) => one.more) || countOf(inside) > chosen.length
  return {
    traces: kept,
    incomplete: unread.length + unsearched.length > 0,
    warnings: [
      ...toldOf(unsearched, slices.length, notes.unsearchedParts),
      ...toldOf(unread, chosen.length, notes.unreadTraces),
      ...(more ? [notes.sampledTraces(chosen.length, slices.length)] : []), // prettier-ignore
      ...found.flatMap((one) => one.warnings),
      ...read.flatMap((one) => one.warnings ?? []),
      ...told,
    ],
  }
}

/** Tolerates single failures; throws the first error if all failed. */
async function some<T>(asked: readonly Promise<T>[]): Promise<{ good: T[]; failed: unknown[] }> {
  const answers = await Promise.allSettled(asked)
  const good = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const failed = answers.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (good.length === 0 && failed.length > 0) throw failed[0]
  return { good, failed }
}

const toldOf = (failed: readonly unknown[], all: number, told: typeof notes.unreadTraces): string[] =>
  failed.length === 0 ? [] : [told(failed.length, all, wordsOf(failed[0]))]

/** If the search gave no start time, the trace's spans do. */
const readWithin =
  ({ start, end }: TimeRange) =>
  async (trace: FoundTrace): Promise<ReadTrace> => {
    const read = await trace.read()
    if (trace.start !== null || read.spans.length === 0) return read
    const began = read.spans.reduce((least, span) => Math.min(least, span.start), Infinity)
    return began >= start && began < end ? read : { ...read, spans: [] }
  }

async function searchSlice(
  searches: readonly TraceSearch[],
  range: TimeRange,
  limit: number,
  context: CallContext,
): Promise<{ found: FoundTrace[]; more: boolean; warnings: string[] }> {
  const answers = await Promise.all(searches.map((search) => searchSmaller(search, range, limit, context)))
  return {
    found: answers.flatMap(({ found }) => found).sort((a, b) => (a.start ?? range.start) - (b.start ?? range.start)),
    more: answers.some(({ more }) => more),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

/**
 * Sources round times and may return a trace for any of its spans, and several searches may return it again. It is kept once, if its first span began
 * in the range.
 */
function onceWithin({ start, end }: TimeRange): (trace: FoundTrace) => boolean {
  const seen = new Set<string>()
  return (trace) => {
    if (seen.has(trace.id) || (trace.start !== null && (trace.start < start || trace.start >= end))) return false
    seen.add(trace.id)
    return true
  }
}

/** If the answer is too large, searches again for fewer traces. */
async function searchSmaller(search: TraceSearch, range: TimeRange, limit: number, context: CallContext) {
  try {
    const { found, warnings = [] } = await search.run(range, limit, context)
    return { found, warnings, more: found.length >= limit }
  } catch (error) {
    if (!(error instanceof HttpError) || !error.tooLarge || limit === 1) throw error
    return searchSmaller(search, range, Math.ceil(limit / 4), context)
  }
}

function thinned(
  traces: readonly ReadTrace['spans'][],
  range: TimeRange,
): { kept: ReadTrace['spans'][]; told: string[] } {
  const near = traces.map((spans) => spans.filter(isNear(range)))
  const usual = near.filter(({ length }) => length > 0 && length <= MAX_TRACE_SPANS)
  const huge = near.filter(({ length }) => length > MAX_TRACE_SPANS).length
  const far = countOf(traces) - countOf(near)
  const told = [
    ...(huge === 0 ? [] : [notes.hugeTraces(huge, MAX_TRACE_SPANS)]),
    ...(far === 0 ? [] : [notes.farSpans(far)]),
  ]
  let kept = usual
  for (let spans = countOf(kept); spans > MAX_SPANS; spans = countOf(kept))
    kept = evenly(kept, Math.max(1, Math.floor((kept.length * MAX_SPANS) / spans)))
  if (kept.length < usual.length) told.push(notes.keptTraces(kept.length, usual.length, MAX_SPANS)) // prettier-ignore
  return { kept, told }
}

/** A trace may extend beyond the range, but not by days: that clock is wrong. */
const isNear =
  ({ start, end }: TimeRange) =>
  (span: Span): boolean =>
    [span.start, span.end].every((instant) => instant >= start - DAY_MS && instant <= end + DAY_MS)
const DAY_MS = 24 * 60 * 60_000

const countOf = (traces: readonly { length: number }[]): number => traces.reduce((sum, { length }) => sum + length, 0)

function slicesOf({ start, end }: TimeRange, count: number): TimeRange[] {
  const length = (end - start) / count
  return Array.from({ length: count }, (_, index) => ({
    start: start + index * length,
    end: index === count - 1 ? end : start + (index + 1) * length,
  }))
}

/** Samples evenly if there are too many. */
const evenly = <T>(items: readonly T[], limit: number): T[] =>
  items.length <= limit
    ? [...items]
    : Array.from({ length: limit }, (_, index) => items[Math.floor((index * items.length) / limit)] as T)
