/** What the nodes log and trace during a course: routine, what fails at a call, and what the fault makes its node say. */
import type { LogLine, Span } from '../../analysis/observations.ts'
import type { Chance } from './chance.ts'
import { type Fault, levelAt } from './faults.ts'
import type { Course, Tick } from './simulate.ts'
import type { System } from './system.ts'

interface Told {
  system: System
  course: Course
  /** ms of the first tick */
  began: number
  fault: Fault | null
  chance: Chance
}

const ROUTINE = ['handled {verb} {path} in {n} ms', 'cache refreshed, {n} entries', 'user {id} authorised', 'batch {id} written: {n} rows', 'health check ok', 'connection from 10.{b}.{b}.{b}:{n} accepted', 'scheduled job {word} finished in {n} ms', 'configuration version {n} is current', 'published event {id} to {word}', 'session {id} expired'] // prettier-ignore
const WARNINGS = ['slow request: {n} ms for {path}', 'retry 1 of 3 for {id}', 'queue length {n}', 'deprecated field {word} in request {id}'] // prettier-ignore
const WORDS = ['amber', 'basalt', 'cedar', 'delta', 'ember', 'fjord', 'grove', 'harbor']
const PATHS = ['/v1/items', '/v1/orders', '/v2/check', '/internal/state', '/search']

const filled = (template: string, chance: Chance): string =>
  template
    .replaceAll('{n}', () => `${chance.whole(1, 9000)}`)
    .replaceAll('{b}', () => `${chance.whole(0, 255)}`)
    .replaceAll('{id}', () => chance.whole(0x10000, 0xfffffff).toString(16))
    .replaceAll('{word}', () => chance.pick(WORDS))
    .replaceAll('{verb}', () => chance.pick(['GET', 'POST', 'PUT']))
    .replaceAll('{path}', () => chance.pick(PATHS))

/** Seconds between two samples of the logs: each stands for what was kept of a few seconds. */
const LOGGED_EVERY_S = 15
/** About; errors come on top. */
const MOST_LINES = 4_000

export function logsOf({ system, course: { ticks, step }, began, fault, chance }: Told): LogLine[] {
  const vocabulary = system.nodes.map(() => ({ routine: chance.some(ROUTINE, chance.whole(3, 6)), warnings: chance.some(WARNINGS, 2), rate: chance.around(1.2, 0.6) })) // prettier-ignore
  const writes = system.nodes.map(({ role }) => role !== 'external' && role !== 'balancer' && role !== 'queue')
  const share = Math.min(1, MOST_LINES / (system.nodes.length * ((ticks.length * step) / LOGGED_EVERY_S) * 2))
  const lines: LogLine[] = []
  for (const [at, tick] of ticks.entries())
    for (const [index, node] of system.nodes.entries()) {
      const [state, { routine, warnings, rate }] = [tick[index]!, vocabulary[index]!]
      if (!writes[index] || state.isDown) continue
      const periods = (step / LOGGED_EVERY_S) * share
      const say = (count: number, level: string, template: () => string): void => {
        for (let line = chance.count(count * periods); line > 0; line--)
          lines.push({ timestamp: began + (at + chance.between(0, 1)) * step * 1000 + state.clock * 1000, service: node.name, level, message: filled(template(), chance) }) // prettier-ignore
      }
      say(rate * Math.min(3, state.served / Math.max(1e-3, ticks[0]![index]!.served)), 'info', () =>
        chance.pick(routine),
      )
      say(0.03 * rate, 'warn', () => chance.pick(warnings))
      for (const [place, call] of state.calls.entries()) {
        const callee = system.nodes[node.calls[place]!.to]!.name
        const why = call.timedOut > 0.5 * call.failed ? `timed out after {n} ms` : 'failed with status 503'
        if (call.gaveUp > 0.001) say(Math.min(1.5, 20 * call.gaveUp), 'error', () => `call to ${callee} ${why}, request {id}`) // prettier-ignore
      }
      if (fault?.node === index && fault.kind.says !== undefined)
        say(2 * levelAt(fault, at * step), 'error', () => chance.pick(fault.kind.says!))
    }
  return lines.sort((a, b) => a.timestamp - b.timestamp)
}

const MOST_TRACES = 250
const MOST_SPANS = 6_000
const DEEPEST = 12

/** Requests from the front, with a span for each service and, where the caller measures too, one for the call. */
export function spansOf(told: Told, isClientMeasured: boolean): Span[] {
  const { system, course, began, chance } = told
  const length = course.ticks.length
  const fronts = [...system.entries.keys()]
  const all: Span[] = []
  for (let number = 0; number < Math.min(MOST_TRACES, length * 4) && all.length < MOST_SPANS; number++) {
    const at = Math.min(length - 1, Math.floor(chance.between(0, length)))
    const trace: Trace = { id: `t${number.toString(16).padStart(8, '0')}`, tick: course.ticks[at]!, spans: [], isClientMeasured, told } // prettier-ignore
    visit(trace, chance.pick(fronts), began + (at + chance.between(0, 0.99)) * course.step * 1000, null, 0)
    all.push(...trace.spans)
  }
  return all.sort((a, b) => a.start - b.start)
}

interface Trace {
  id: string
  tick: readonly Tick[]
  spans: Span[]
  isClientMeasured: boolean
  told: Told
}

/** Returns when the request ends, in ms, and whether it failed. */
function visit(
  trace: Trace,
  index: number,
  start: number,
  parent: string | null,
  depth: number,
): { end: number; failed: boolean } {
  // prettier-ignore
  const { told: { system, chance }, tick, spans, id } = trace // prettier-ignore
  const [node, state] = [system.nodes[index]!, tick[index]!]
  if (state.isDown) return { end: start + 2, failed: true }
  const spanId = `${id}-${spans.length}`
  const span = { traceId: id, spanId, ...(parent === null ? {} : { parentSpanId: parent }), service: node.name, name: `handle ${node.role}`, start: start + state.clock * 1000, end: start } // prettier-ignore
  spans.push(span)
  const own = 1000 * chance.around(state.own * Math.exp(-(node.spread ** 2) / 2), node.spread)
  let [now, failed] = [start + own / 2, chance.happens(state.errors)]
  for (const [at, call] of node.calls.entries()) {
    if (depth >= DEEPEST || call.isAsync || !chance.happens(Math.min(1, call.perRequest))) continue
    const { failed: share, timedOut } = state.calls[at]!
    const limit = 1000 * call.timeout
    const called = `${id}-${spans.length}`
    if (trace.isClientMeasured) spans.push({ traceId: id, spanId: called, parentSpanId: spanId, service: node.name, name: `call ${system.nodes[call.to]!.name}`, start: now + state.clock * 1000, end: now }) // prettier-ignore
    const own = spans.length - 1
    const way = 1000 * Math.max(0, networkOf(trace, index, at))
    const answer = visit(trace, call.to, now + way, trace.isClientMeasured ? called : spanId, depth + 1)
    const isLate = chance.happens(timedOut)
    const end = isLate ? now + limit : Math.min(now + limit, answer.end + way)
    const isFailed = isLate || answer.failed || chance.happens(share * 0.2)
    if (trace.isClientMeasured) spans[own] = { ...spans[own]!, end: end + state.clock * 1000, ...(isFailed ? { status: 'error' } : {}) } // prettier-ignore
    if (isFailed && !call.isOptional) failed = true
    if (!node.isParallel) now = end
    else span.end = Math.max(span.end, end)
  }
  const end = Math.max(now, span.end) + own / 2
  Object.assign(span, { end: end + state.clock * 1000 }, failed ? { status: 'error' } : {})
  return { end, failed }
}

/** Seconds on the way, one way: what the caller waits for beyond the callee's own time. */
function networkOf({ tick, told: { system } }: Trace, index: number, at: number): number {
  const { to, timeout } = system.nodes[index]!.calls[at]!
  return Math.max(0, Math.min(timeout, tick[index]!.calls[at]!.tried) - tick[to]!.latency) / 2
}
