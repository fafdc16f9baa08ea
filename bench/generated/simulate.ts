/**
 * A fluid simulation of requests through a system. Each tick, arrivals flow from callers to callees with the retries of the tick before; a node works
 * off what its workers and cores can, and the rest waits; times then flow back from callees to callers. A slow callee keeps the workers of its callers
 * busy, so their own queues grow: back-pressure is a result, not a rule.
 */
import type { Chance } from './chance.ts'
import { effectsAt, type Effects, type Fault } from './faults.ts'
import { type Call, HITS, type Node, type System } from './system.ts'

/** One node during one tick. */
export interface Tick {
  /** requests a second that arrive, and that are worked off */
  arrivals: number
  served: number
  /** failed share, by its own count */
  errors: number
  /** mean seconds of a request in here, waiting and calls included */
  latency: number
  /** of these, in the queue and at work here, without calls */
  own: number
  /** requests waiting, and workers in use (share) */
  backlog: number
  busy: number
  cpu: number
  steal: number
  memory: number
  disk: number
  hits: number | null
  isDown: boolean
  clock: number
  /** as seen by those who call it: mean seconds and failed share, over all its callers; null: nobody calls it */
  outside: { latency: number; errors: number } | null
  /** for each of its calls */
  calls: CallTick[]
}

export interface CallTick {
  /** requests a second, retries included */
  rate: number
  /** seconds until the last try has an answer, and of one try */
  latency: number
  tried: number
  /** failed share of one try, and of all tries */
  failed: number
  gaveUp: number
  /** share of tries that timed out */
  timedOut: number
}

export interface Course {
  /** seconds of one tick */
  step: number
  /** by tick, then by node */
  ticks: Tick[][]
}

export interface Load {
  /** factor of the usual rate of an entry */
  at: (second: number, entry: number) => number
}

interface State {
  backlog: number
  latency: number
  failing: number
  calls: CallTick[]
}

export interface Simulated {
  system: System
  load: Load
  fault: Fault | null
  step: number
  /** the first tick that is kept, and the one after the last */
  ticks: readonly [number, number]
  chance: Chance
}

const WARM_UP = 40
const LONGEST_QUEUE_S = 20
const FULL = 0.97

export function simulate({ system, load, fault, step, ticks: [first, end], chance }: Simulated): Course {
  const state = system.nodes.map(({ calls, serviceTime }): State => ({ backlog: 0, latency: serviceTime, failing: 0, calls: calls.map(() => IDLE) })) // prettier-ignore
  const wander = system.nodes.map(() => 0)
  const callers = callersOf(system)
  const ticks: Tick[][] = []
  for (let at = first - WARM_UP; at < end; at++) {
    for (const index of wander.keys()) wander[index] = 0.9 * wander[index]! + 0.02 * chance.normal() + blip(chance)
    const second = at * step
    const effects = system.nodes.map((_, index) => effectsAt(fault, index, second))
    const arrivals = arrivalsOf(system, state, effects, (entry) => load.at(second, entry))
    const tick = backwards(system, { state, effects, arrivals, wander, step, callers })
    for (const [index, { latency, errors, calls, backlog }] of tick.entries())
      state[index] = { latency, failing: errors, calls, backlog }
    if (at >= first) ticks.push(tick)
  }
  return { step, ticks }
}

/** Now and then a node is slower for a few ticks: a collection of garbage, a batch. */
const blip = (chance: Chance): number => (chance.happens(0.0004) ? chance.between(0.2, 1.2) : 0)

/** For each node the nodes and the calls that lead to it. */
function callersOf({ nodes }: System): Caller[][] {
  const callers: Caller[][] = nodes.map(() => [])
  for (const [node, { calls }] of nodes.entries()) for (const [call, { to }] of calls.entries()) callers[to]!.push({ node, call }) // prettier-ignore
  return callers
}

interface Caller {
  node: number
  call: number
}

const IDLE: CallTick = { rate: 0, latency: 0, tried: 0, failed: 0, gaveUp: 0, timedOut: 0 }

/** From callers to callees. */
function arrivalsOf(
  { nodes, entries }: System,
  state: readonly State[],
  effects: readonly Effects[],
  load: (entry: number) => number,
): number[] {
  // prettier-ignore
  const arrivals = nodes.map((_, index) => (entries.get(index) ?? 0) * (entries.has(index) ? load(index) : 0))
  for (const [index, node] of nodes.entries())
    for (const [at, call] of node.calls.entries())
      arrivals[call.to]! += arrivals[index]! * sentPerRequest(call, state[index]!.calls[at]!, effects, nodes)
  return arrivals
}

/** Calls per request, with the retries that the failures of the tick before cause. */
function sentPerRequest(call: Call, { failed }: CallTick, effects: readonly Effects[], nodes: readonly Node[]): number {
  const misses = call.behind === undefined ? 1 : 1 - hitsOf(call.behind, effects, nodes)
  return call.perRequest * misses * triesOf(failed, call.retries)
}

const hitsOf = (cache: number, effects: readonly Effects[], nodes: readonly Node[]): number =>
  effects[cache]!.isDown ? 0 : (effects[cache]!.hits ?? (nodes[cache]!.role === 'cache' ? HITS : 1))

const triesOf = (failed: number, retries: number): number =>
  Array.from({ length: retries + 1 }, (_, at) => failed ** at).reduce((sum, one) => sum + one, 0)

interface Flow {
  state: readonly State[]
  effects: readonly Effects[]
  arrivals: readonly number[]
  wander: readonly number[]
  step: number
  callers: readonly (readonly Caller[])[]
}

/** From callees to callers. */
function backwards({ nodes }: System, flow: Flow): Tick[] {
  const tick: Tick[] = []
  for (const index of [...nodes.keys()].reverse()) tick[index] = nodeTick(nodes, index, tick, flow)
  for (const [index, one] of tick.entries())
    one.outside = outsideOf(flow.callers[index]!.map(({ node, call }) => tick[node]!.calls[call]!))
  return tick
}

/** What the callers see, averaged by their rates. */
function outsideOf(calls: readonly CallTick[]): Tick['outside'] {
  const rate = calls.reduce((sum, call) => sum + call.rate, 0)
  if (rate === 0) return null
  const average = (of: (call: CallTick) => number): number =>
    calls.reduce((sum, call) => sum + of(call) * call.rate, 0) / rate
  return { latency: average(({ tried }) => tried), errors: average(({ failed }) => failed) }
}

function nodeTick(nodes: readonly Node[], index: number, known: readonly Tick[], flow: Flow): Tick {
  const [node, effects] = [nodes[index]!, flow.effects[index]!]
  const arrivals = flow.arrivals[index]!
  const calls = node.calls.map((call) => callTick(call, arrivals, known[call.to]!, { nodes, flow, caller: effects })) // prettier-ignore
  const waited = node.calls.map((call, at) => ({ call, seconds: call.isAsync ? 0 : share(call, flow.effects, nodes) * calls[at]!.latency })) // prettier-ignore
  const calling = node.isParallel ? Math.max(0, ...waited.map(({ seconds }) => seconds)) : waited.reduce((sum, { seconds }) => sum + seconds, 0) // prettier-ignore
  const slowness = effects.slower * (1 + Math.max(-0.3, flow.wander[index]!))
  const [cores, workers] = [node.cores * (1 - effects.hog) * (1 - effects.steal), node.workers * effects.workers]
  const cpuTime = node.cpuTime * effects.cpuPerRequest
  const service = node.serviceTime * slowness + (cpuTime - node.cpuTime)
  const capacity = node.replicas * Math.min(workers / (service + calling), cores / cpuTime) || 1e-6
  const backlog = Math.min(flow.state[index]!.backlog + Math.max(-flow.state[index]!.backlog, (arrivals - capacity) * flow.step), capacity * LONGEST_QUEUE_S) // prettier-ignore
  const served = Math.max(0, Math.min(arrivals + flow.state[index]!.backlog / flow.step, capacity))
  const rejected = arrivals > capacity && backlog >= capacity * LONGEST_QUEUE_S * 0.999 ? 1 - capacity / arrivals : 0
  const utilisation = Math.min(FULL, arrivals / capacity)
  const queueing = (service * utilisation ** Math.sqrt(2 * (node.replicas * Math.max(1, workers) + 1))) / (node.replicas * Math.max(1, workers) * (1 - utilisation)) // prettier-ignore
  const slowedByCpu = cpuTime * utilisationOf(arrivals, cpuTime, node.replicas * cores) ** 2
  const own = service + queueing + slowedByCpu + backlog / capacity
  const passedOn = 1 - node.calls.reduce((left, call, at) => (call.isOptional || call.isAsync ? left : left * (1 - calls[at]!.gaveUp) ** Math.min(1, share(call, flow.effects, nodes))), 1) // prettier-ignore
  const ownErrors = 1 - (1 - node.errors) * (1 - effects.errors) * (1 - rejected)
  // what fails at once takes no time for the rest
  const latency = effects.isDown ? 0 : own + calling * (1 - 0.7 * effects.errors)
  return {
    arrivals,
    served,
    errors: effects.isDown ? 1 : 1 - (1 - ownErrors) * (1 - passedOn),
    latency,
    own,
    backlog,
    busy: Math.min(1, (served * (service + calling)) / (node.replicas * Math.max(workers, 0.01))),
    cpu: Math.min(1, effects.hog + (served * cpuTime) / (node.replicas * node.cores)),
    steal: effects.steal,
    memory: Math.min(1, node.memory + effects.memory + Math.min(0.2, backlog / (node.replicas * node.workers * 500))),
    disk: effects.disk ?? Math.min(0.9, 0.08 + 0.3 * utilisation),
    hits: node.role === 'cache' ? hitsOf(index, flow.effects, nodes) : null,
    isDown: effects.isDown,
    clock: effects.clock,
    outside: null,
    calls,
  }
}

const utilisationOf = (arrivals: number, cpuTime: number, cores: number): number =>
  Math.min(1, (arrivals * cpuTime) / Math.max(cores, 1e-6))

/** Calls per request that the caller waits for, without retries. */
const share = (call: Call, effects: readonly Effects[], nodes: readonly Node[]): number =>
  call.perRequest * (call.behind === undefined ? 1 : 1 - hitsOf(call.behind, effects, nodes))

interface Around {
  nodes: readonly Node[]
  flow: Flow
  caller: Effects
}

/** Connections to a node that is gone are refused at once, or time out when it drops what it gets. */
function callTick(call: Call, arrivals: number, callee: Tick, { nodes, flow, caller }: Around): CallTick {
  const { delay, loss, isDown } = flow.effects[call.to]!
  const [timeout, { spread }] = [call.timeout * caller.timeouts, nodes[call.to]!]
  const mean = isDown ? 0.002 : callee.latency + 2 * (call.network + delay)
  const late = isDown ? 0 : tail(mean, spread, timeout)
  const timedOut = 1 - (1 - late) * (1 - loss)
  const failed = isDown ? 1 : 1 - (1 - timedOut) * (1 - callee.errors)
  // part of what is lost is sent again by the network, after a fifth of a second
  const tried = Math.min(timeout, (1 - timedOut) * Math.min(mean + 0.2 * loss, timeout) + timedOut * timeout)
  const tries = triesOf(failed, call.retries)
  const rate = arrivals * share(call, flow.effects, nodes) * tries
  return { rate, latency: tried * tries, tried, failed, gaveUp: failed ** (call.retries + 1), timedOut }
}

/** Share of a lognormal time with this mean that exceeds the limit. */
function tail(mean: number, spread: number, limit: number): number {
  const z = (Math.log(limit / Math.max(mean, 1e-6)) + spread ** 2 / 2) / spread
  return z > 5 ? 0 : 1 - normalShare(z)
}

/** Normal distribution function, to four digits (Zelen and Severo, 1964). */
function normalShare(z: number): number {
  const t = 1 / (1 + 0.33267 * Math.abs(z))
  const upper = (Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI)) * (0.4361836 * t - 0.1201676 * t ** 2 + 0.937298 * t ** 3) // prettier-ignore
  return z >= 0 ? 1 - upper : upper
}
