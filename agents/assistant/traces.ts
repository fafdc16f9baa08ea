/**
 * Traces as the assistant uses them. The analysis gets all spans, often tens of thousands, in memory. The evidence keeps only the comparison of
 * before and during.
 */
import { compareTraces, type ServiceTraces, type TraceFinding } from '../../analysis/traces/compare.ts'
import type { Span, TimeRange } from '../../analysis/observations.ts'
import { isFailed, placeSpans } from '../../analysis/traces/tree.ts'
import { median } from '../../analysis/metrics/robust.ts'
import type { Question } from '../runtime/ask.ts'
import type { Evidence } from '../runtime/evidence.ts'
import { redactText } from '../runtime/redaction.ts'
import { headline, type ToolResult } from '../runtime/tool-result.ts'
import type { CallContext, TracesAnswer, TracesTool } from '../tools/tools.ts'

/** `from` calls `to`, as seen in the spans. */
export interface ComparedCall {
  from: string
  to: string
  before: CallFigures
  during: CallFigures
}

export interface CallFigures {
  calls: number
  failed: number
  /** ms, measured at the callee; null: no call */
  median: number | null
}

/** The stored part of the traces. `services` and `findings`: those that changed most; `calls`: the most frequent. */
export interface TracesEvidence {
  traces: number
  spans: number
  services: ServiceTraces[]
  calls: ComparedCall[]
  findings: TraceFinding[]
}

export interface TraceInquiry {
  /** absent: no trace store is configured */
  question?: Question
  /** The spans behind the evidence, citing it. Queries again if the process that fetched them has died; `lost`: why that query failed. */
  spansOf(evidence: readonly Evidence[], context: CallContext): Promise<{ spans: Span[]; lost?: string }>
}

/** Traces per period (before and during); more would add little. */
const LIMIT = 200
const SERVICES = 50
const CALLS = 100
const FINDINGS = 20

export function inquireTraces(
  tool: TracesTool | undefined,
  services: readonly string[],
  [before, during]: readonly [TimeRange, TimeRange],
): TraceInquiry {
  if (tool === undefined) return { spansOf: () => Promise.resolve({ spans: [] }) }
  let known: Span[] | null = null
  const ask = async (context: CallContext): Promise<ToolResult<TracesAnswer>> => {
    const result = await tool.traces({ services, range: during, baseline: before, limit: LIMIT }, context)
    known = result.data === null ? null : redacted(result.data.spans)
    return result
  }
  return {
    question: async (context) => {
      const result = await ask(context)
      return result.status === 'ok' && known !== null
        ? { ...result, data: evidenceOf(known, result.data.traces, during.start) }
        : result
    },
    async spansOf(evidence, context) {
      const asked = evidence.find(({ operation, status }) => operation === 'traces' && status === 'ok')
      if (asked === undefined) return { spans: [] }
      if (known === null) {
        const again = await ask(context)
        if (again.status !== 'ok') return { spans: [], lost: again.status === 'failed' ? again.error : again.summary }
      }
      return { spans: (known ?? []).map((span) => ({ ...span, evidence: asked.id })) }
    },
  }
}

/** Operation names appear in texts for people, so they are redacted as evidence is. */
function redacted(spans: readonly Span[]): Span[] {
  const clean = new Map<string, string>()
  const cleaned = (name: string): string => {
    const text = clean.get(name) ?? redactText(name).text
    clean.set(name, text)
    return text
  }
  return spans.map((span) => ({ ...span, name: cleaned(span.name) }))
}

/** `since`: ms since the epoch; spans that start earlier count as before, the others as during. */
export function evidenceOf(spans: readonly Span[], traces: number, since: number): TracesEvidence {
  const [before, during] = [spans.filter(({ start }) => start < since), spans.filter(({ start }) => start >= since)]
  const compared = compareTraces(before, during)
  return {
    traces,
    spans: spans.length,
    services: compared.services
      .toSorted((a, b) => b.deviation - a.deviation || b.spans.during - a.spans.during)
      .slice(0, SERVICES),
    calls: comparedCalls(before, during).slice(0, CALLS),
    findings: compared.findings.slice(0, FINDINGS),
  }
}

function comparedCalls(before: readonly Span[], during: readonly Span[]): ComparedCall[] {
  const [was, is] = [callsIn(before), callsIn(during)]
  return [...new Set([...was.keys(), ...is.keys()])]
    .map((key): ComparedCall => {
      const [from = '', to = ''] = key.split('\0')
      return { from, to, before: figuresOf(was.get(key) ?? []), during: figuresOf(is.get(key) ?? []) }
    })
    .sort((a, b) => b.before.calls + b.during.calls - a.before.calls - a.during.calls)
}

const callsIn = (spans: readonly Span[]): Map<string, Span[]> =>
  new Map(
    [
      ...Map.groupBy(
        placeSpans(spans).filter(({ parent, span }) => parent !== null && parent.service !== span.service),
        ({ parent, span }) => `${parent?.service}\0${span.service}`,
      ),
    ].map(([key, placed]) => [key, placed.map(({ span }) => span)]),
  )

const figuresOf = (spans: readonly Span[]): CallFigures => ({
  calls: spans.length,
  failed: spans.filter(isFailed).length,
  median: spans.length === 0 ? null : median(spans.map(({ start, end }) => end - start)),
})

/** The evidence of the trace query marked as failed, after its spans could not be read again. */
export const withoutTraces = (one: Evidence, error: string): Evidence =>
  one.operation === 'traces' && one.status === 'ok'
    ? { ...one, status: 'failed', summary: headline(error), error, data: null }
    : one
