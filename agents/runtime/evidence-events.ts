/** Evidence as events: a tool's answer, shortened, and the usage it reports. */
import type { Events } from '../../schemas/events.generated.ts'
import { emit, type Outgoing, type Stamped } from './agent.ts'
import type { Evidence, EvidenceOwner } from './evidence.ts'

/** Largest data of an event, bytes of JSON; larger data is downsampled. */
const EVENT_DATA_BYTES = 64 * 1024
/** The same for all answers of one step together, because they are journaled and published as one. Each may have at least `LEAST_DATA_BYTES`. */
const STEP_DATA_BYTES = 512 * 1024
const LEAST_DATA_BYTES = 4 * 1024

/** Limits on foreign text in an event: characters of a text, number of warnings, characters of a warning. The store has the full text. */
const EVENT_TEXT = 16 * 1024
const EVENT_WARNINGS = 32
const EVENT_WARNING = 512

/** The events that report the tool calls of one step: the evidence and the usage of each. */
export function evidenceEvents(owner: EvidenceOwner, evidence: readonly Evidence[]): Outgoing[] {
  const each = Math.floor(STEP_DATA_BYTES / evidence.length)
  const most = Math.min(EVENT_DATA_BYTES, Math.max(LEAST_DATA_BYTES, each))
  return evidence.flatMap((one) => eventsOf(owner, one, most))
}

function eventsOf(owner: EvidenceOwner, evidence: Evidence, most: number): Outgoing[] {
  const { data, downsampled } = shortened(evidence.data, most)
  const recorded: Omit<Events['EvidenceRecorded'], Stamped> = {
    session_id: owner.sessionId,
    evidence_id: evidence.id,
    run_id: owner.runId,
    tool: evidence.tool,
    operation: evidence.operation,
    status: evidence.status,
    query: cut(evidence.query),
    range_start: wholeMs(evidence.range?.start),
    range_end: wholeMs(evidence.range?.end),
    link: evidence.link,
    summary: cut(evidence.summary),
    error: evidence.status === 'failed' ? cut(evidence.error) : null,
    warnings: fewOf(evidence.warnings),
    data,
    downsampled,
    redactions: evidence.redactions,
    duration_ms: Math.round(evidence.durationMs),
  }
  const usage: Omit<Events['AgentUsage'], Stamped> = {
    session_id: owner.sessionId,
    agent: owner.agent,
    run_id: owner.runId,
    kind: 'tool',
    name: evidence.tool,
    operation: evidence.operation,
    outcome: evidence.status,
    latency_ms: Math.round(evidence.durationMs),
    input_tokens: null,
    output_tokens: null,
    cost_usd: null,
  }
  return [emit('EvidenceRecorded', recorded), emit('AgentUsage', usage)]
}

const cut = (text: string, most = EVENT_TEXT): string =>
  text.length <= most
    ? text
    : `${text.slice(0, most).toWellFormed()}… (${text.length - most} more characters in the store)`

function fewOf(warnings: readonly string[]): string[] {
  const told = warnings.slice(0, EVENT_WARNINGS).map((one) => cut(one, EVENT_WARNING))
  const more = warnings.length - told.length
  return more > 0 ? [...told, `${more} more warnings in the store`] : told
}

const wholeMs = (instant: number | undefined): number | null => (instant === undefined ? null : Math.round(instant))

interface Shortened {
  data: string | null
  downsampled: boolean
}

/** Sessions that share an answer hold the same object. */
const known = new WeakMap<object, Map<number, Shortened>>()

function shortened(data: unknown, most: number): Shortened {
  if (typeof data !== 'object' || data === null) return shorten(data, most)
  const before = known.get(data) ?? new Map<number, Shortened>()
  known.set(data, before)
  const short = before.get(most) ?? shorten(data, most)
  before.set(most, short)
  return short
}

/** JSON within the limit: long arrays are thinned evenly, keeping both ends, until it fits. */
function shorten(data: unknown, most: number): Shortened {
  if (data === null) return { data: null, downsampled: false }
  const whole = JSON.stringify(data)
  const bytes = Buffer.byteLength(whole)
  if (bytes <= most) return { data: whole, downsampled: false }
  // twice what would fit if everything were in the longest arrays
  const first = Math.min(512, (2 * longest(data) * most) / bytes)
  for (let keep = 2 ** Math.ceil(Math.log2(Math.max(2, first))); keep > 1; keep /= 2) {
    const json = JSON.stringify(data, (_key, value: unknown) => (Array.isArray(value) ? thin(value, keep) : value))
    if (Buffer.byteLength(json) <= most) return { data: json, downsampled: true }
  }
  return { data: null, downsampled: true }
}

const longest = (data: unknown): number =>
  typeof data !== 'object' || data === null
    ? 0
    : Object.values(data).reduce(
        (most: number, one) => Math.max(most, longest(one)),
        Array.isArray(data) ? data.length : 0,
      )

const thin = (values: readonly unknown[], keep: number): readonly unknown[] => {
  if (values.length <= keep) return values
  const step = (values.length - 1) / (keep - 1)
  return Array.from({ length: keep }, (_, index) => values[Math.round(index * step)])
}
