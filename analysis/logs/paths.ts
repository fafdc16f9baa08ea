/**
 * Detects changed request paths from spans and log lines: among the requests in which one event happened in a service, the share in which
 * another event happened too. A function that returns early or throws skips lines it always logged. The result does not depend on the mix
 * or number of requests. (Event patterns of Nezha: Yu et al., ESEC/FSE 2023; here as shares of traces, which needs no graph mining and
 * gives a significance.)
 */
import type { LogLine, Span } from '../observations.ts'
import { shareDistance } from '../counts.ts'
import { joinStacks } from './stacks/joined.ts'
import { severityOf } from './severity.ts'
import { MinedLines } from './mined.ts'

export interface PathChange {
  service: string
  /** `stopped`: `event` happens less often together with `given`; `started`: more often */
  kind: 'stopped' | 'started'
  /** span name, or template of a log line */
  given: string
  event: string
  /** share of traces with `given` that also have `event` */
  before: number
  during: number
  /** traces with `given` */
  traces: { before: number; during: number }
  /** standard deviations between the shares (difference of arcsines) */
  deviation: number
  /** ms since the epoch: the first `given` in the window */
  timestamp: number
  /** traces of the window to open, at most three */
  examples: readonly string[]
  evidence: readonly string[]
}

export interface Told {
  logs: readonly LogLine[]
  spans: readonly Span[]
}

/** Co-occurrence of one event of a service: spans per trace that have it, and spans per trace that also have another event. */
interface Company {
  spans: Map<string, number>
  others: Map<number, Map<string, number>>
  first: number
  evidence: string | undefined
}

/** The events within one span, or within one trace if lines have no span id. */
interface Unit {
  service: string
  trace: string
  events: Set<number>
  first: number
  evidence: string | undefined
}

const DEVIATION = 3
/** Minimum number of baseline traces with an event. */
const ENOUGH = 3
const EVENTS_A_UNIT = 64
const SHOWN_A_SERVICE = 3

/** The strongest changes of each service, strongest first. Lines without a trace id are ignored. */
export function comparePaths(before: Told, during: Told, mined = new MinedLines()): PathChange[] {
  const events = new Events(mined)
  const sides = [unitsOf(before, events), unitsOf(during, events)].map((units) => companies(units, events))
  const [was = new Map<string, Map<number, Company>>(), is = was] = sides
  return [...was]
    .flatMap(([service, known]) => {
      const now = is.get(service)
      if (now === undefined) return []
      return [...known]
        .flatMap(([given, company]) => changesOf(service, given, company, now.get(given), events))
        .sort(strongest)
        .slice(0, SHOWN_A_SERVICE)
    })
    .sort(strongest)
}

const strongest = (a: PathChange, b: PathChange): number => b.deviation - a.deviation || (a.given < b.given ? -1 : 1)

/** Numbers events: even for span names, odd for templates. */
class Events {
  readonly #mined: MinedLines
  readonly #names: string[] = []
  readonly #numbers = new Map<string, number>()
  readonly #troubled = new Map<number, boolean>()

  constructor(mined: MinedLines) {
    this.#mined = mined
  }

  ofSpan(name: string): number {
    const known = this.#numbers.get(name)
    if (known !== undefined) return known * 2
    this.#numbers.set(name, this.#names.length)
    return (this.#names.push(name) - 1) * 2
  }

  ofLine(line: LogLine): number {
    const id = this.#mined.idOf(line) * 2 + 1
    if (!this.#troubled.has(id)) this.#troubled.set(id, severityOf(line.level, line.message) !== 'info')
    return id
  }

  resolve(event: number): number {
    return event % 2 === 0 ? event : this.#mined.resolve((event - 1) / 2) * 2 + 1
  }

  text(event: number): string {
    return event % 2 === 0 ? this.#names[event / 2]! : this.#mined.template((event - 1) / 2)
  }

  isTroubled(event: number): boolean {
    return this.#troubled.get(event) === true
  }
}

function unitsOf({ logs, spans }: Told, events: Events): Unit[] {
  const units = new Map<string, Unit>()
  const unitOf = (service: string, trace: string, span: string, time: number, evidence: string | undefined): Unit => {
    const key = `${trace}\0${span}\0${service}`
    const known = units.get(key)
    if (known !== undefined) return known
    const unit = { service, trace, events: new Set<number>(), first: time, evidence }
    units.set(key, unit)
    return unit
  }
  for (const { service, traceId, spanId, name, start, evidence } of spans)
    unitOf(service, traceId, spanId, start, evidence).events.add(events.ofSpan(name))
  for (const line of joinStacks(logs)) {
    const { service, traceId, spanId = '', timestamp, evidence } = line
    if (traceId === undefined) continue
    const unit = unitOf(service, traceId, spanId, timestamp, evidence)
    if (unit.events.size < EVENTS_A_UNIT) unit.events.add(events.ofLine(line))
  }
  return [...units.values()]
}

/** Co-occurrences by service and event, with merged templates resolved. */
function companies(units: readonly Unit[], events: Events): Map<string, Map<number, Company>> {
  const services = new Map<string, Map<number, Company>>()
  for (const { service, trace, events: happened, first, evidence } of units) {
    const known = services.get(service) ?? new Map<number, Company>()
    services.set(service, known)
    const resolved = [...new Set([...happened].map((event) => events.resolve(event)))]
    for (const given of resolved) {
      const company = known.get(given) ?? { spans: new Map(), others: new Map(), first, evidence }
      known.set(given, company)
      company.first = Math.min(company.first, first)
      company.spans.set(trace, (company.spans.get(trace) ?? 0) + 1)
      for (const other of resolved) {
        if (other === given) continue
        const traces = company.others.get(other) ?? new Map<string, number>()
        company.others.set(other, traces)
        traces.set(trace, (traces.get(trace) ?? 0) + 1)
      }
    }
  }
  return services
}

function changesOf(
  service: string,
  given: number,
  was: Company,
  is: Company | undefined,
  events: Events,
): PathChange[] {
  if (is === undefined || was.spans.size < ENOUGH) return []
  const traces = { before: was.spans.size, during: is.spans.size }
  const ids = [...is.spans.keys()]
  return [...new Set([...was.others.keys(), ...is.others.keys()])].flatMap((other) => {
    const [before, during] = [together(was, other), together(is, other)]
    const kind = during < before ? 'stopped' : 'started'
    // an error that is no longer logged is harmless
    if (kind === 'stopped' && events.isTroubled(other)) return []
    const deviation = Math.abs(shareDistance(before, traces.before, during, traces.during))
    if (deviation < DEVIATION) return []
    const having = is.others.get(other)
    const examples = ids.filter((id) => (having?.has(id) === true) === (kind === 'started')).slice(0, 3)
    return [
      {
        service,
        kind,
        given: events.text(given),
        event: events.text(other),
        before,
        during,
        traces,
        deviation,
        timestamp: is.first,
        examples,
        evidence: [was.evidence, is.evidence].filter((id) => id !== undefined),
      },
    ]
  })
}

/** Share of traces that also have `other`; a trace in which half of the spans have it counts as half. */
function together({ spans, others }: Company, other: number): number {
  let sum = 0
  for (const [trace, count] of others.get(other) ?? []) sum += count / (spans.get(trace) ?? count)
  return sum / spans.size
}
