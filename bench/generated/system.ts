/** A system of services: who calls whom, how often, and what each can do. Calls go to higher indexes only, so the graph has no cycles. */
import type { Chance } from './chance.ts'
import { namesFor } from './names.ts'
import type { Role, Shape } from './roles.ts'

export interface Call {
  to: number
  /** mean per request */
  perRequest: number
  /** seconds */
  timeout: number
  retries: number
  /** seconds, one way */
  network: number
  /** the caller answers without it */
  isOptional: boolean
  /** handed over to a queue: the caller does not wait */
  isAsync: boolean
  /** the cache before it: it is called for misses only */
  behind?: number
}

export interface Node {
  name: string
  role: Role
  replicas: number
  /** requests that one replica works on at a time; the others wait */
  workers: number
  cores: number
  /** seconds a request takes here, without waiting and without calls */
  serviceTime: number
  /** CPU seconds of it */
  cpuTime: number
  /** spread of the logarithm of a request's time */
  spread: number
  /** failed share in normal operation */
  errors: number
  /** share of its limit */
  memory: number
  isParallel: boolean
  calls: Call[]
}

export interface System {
  nodes: Node[]
  /** requests a second from outside, by node */
  entries: Map<number, number>
}

/** Roles from the front to the back, and the callees of each, as indexes. */
interface Plan {
  roles: Role[]
  callees: number[][]
}

export function drawSystem(chance: Chance, shape: Shape, size: number): System {
  const { roles, callees } = shapes[shape](chance, size)
  const names = namesFor(chance, shape, roles)
  const nodes = roles.map((role, index) => drawNode(chance, role, names[index]!))
  for (const [index, node] of nodes.entries())
    node.calls = [...new Set(callees[index]!)]
      .sort((a, b) => a - b)
      .map((to) => drawCall(chance, node.role, nodes[to]!.role, to))
  for (const node of nodes) putBehindCache(chance, node, nodes)
  const called = new Set(nodes.flatMap(({ calls }) => calls.map(({ to }) => to)))
  const front = nodes.flatMap((node, index) => (called.has(index) || isStore(node.role) ? [] : [index]))
  const entries = new Map(front.map((index) => [index, chance.around(40, 0.9)] as const))
  provision(chance, { nodes, entries })
  return { nodes, entries }
}

const isStore = (role: Role): boolean => role === 'cache' || role === 'database' || role === 'external' || role === 'queue' // prettier-ignore

/** Indexes from `first` to before `end`. */
const span = (first: number, end: number): number[] => Array.from({ length: Math.max(0, end - first) }, (_, at) => first + at) // prettier-ignore

function stores(chance: Chance, count: number): Role[] {
  return Array.from({ length: count }, () => chance.pick<Role>(['database', 'database', 'cache', 'external']))
}

const shapes: Readonly<Record<Shape, (chance: Chance, size: number) => Plan>> = {
  /** a gateway, layers of services, stores */
  tiers: (chance, size) => {
    const back = Math.max(1, Math.round(size * 0.3))
    const roles: Role[] = ['gateway', ...span(1, size - back).map((): Role => 'service'), ...stores(chance, back)]
    const layer = (index: number): number => Math.min(3, Math.floor((4 * index) / (size - back)))
    const callees = roles.map((role, index) => {
      if (isStore(role)) return []
      const below = span(index + 1, size - back).filter((other) => layer(other) > layer(index))
      return [...chance.some(below, index === 0 ? 5 : chance.whole(0, 3)), ...chance.some(span(size - back, size), index === 0 ? 0 : chance.whole(0, 2))] // prettier-ignore
    })
    return withCallers(chance, { roles, callees })
  },
  /** anything may call anything behind it */
  mesh: (chance, size) => {
    const back = Math.max(1, Math.round(size * 0.2))
    const roles: Role[] = ['balancer', 'gateway', ...span(2, size - back).map((): Role => 'service'), ...stores(chance, back)] // prettier-ignore
    const callees = roles.map(
      (role, index) =>
      index === 0 ? [1] : isStore(role) ? [] : chance.some(span(index + 1, Math.min(size, index + 1 + Math.ceil(size / 3))), chance.whole(1, 4)), // prettier-ignore
    )
    return withCallers(chance, { roles, callees })
  },
  /** every service has one caller */
  tree: (chance, size) => {
    const roles = span(0, size).map((index): Role => (index === 0 ? 'gateway' : index > size * 0.75 ? chance.pick<Role>(['database', 'cache']) : 'service')) // prettier-ignore
    return withCallers(chance, { roles, callees: roles.map(() => []) })
  },
  /** a balancer, functions, managed stores that several of them share */
  functions: (chance, size) => {
    const back = Math.max(2, Math.round(size * 0.35))
    const roles: Role[] = ['balancer', 'service', ...span(2, size - back).map((): Role => chance.pick<Role>(['function', 'function', 'service'])), ...stores(chance, back)] // prettier-ignore
    const callees = roles.map((role, index) => {
      if (index === 0) return [1]
      if (isStore(role)) return []
      return [...chance.some(span(index + 1, size - back), index === 1 ? 5 : chance.whole(0, 1)), ...chance.some(span(size - back, size), chance.whole(1, 2))] // prettier-ignore
    })
    return withCallers(chance, { roles, callees })
  },
  /** an ingest service, then queues and workers in turn */
  pipeline: (chance, size) => {
    const back = Math.max(1, Math.round(size * 0.25))
    const roles: Role[] = ['gateway', ...span(1, size - back).map((index): Role => (index % 2 === 1 ? 'queue' : 'worker')), ...stores(chance, back)] // prettier-ignore
    const callees = roles.map((role, index) => {
      if (role === 'queue') return chance.some(span(index + 1, Math.min(size - back, index + 4)).filter((other) => roles[other] === 'worker'), chance.whole(1, 2)) // prettier-ignore
      if (isStore(role)) return []
      const next = span(index + 1, size - back).filter((other) => roles[other] === 'queue')
      return [...next.slice(0, chance.whole(1, 2)), ...chance.some(span(size - back, size), chance.whole(index === 0 ? 0 : 1, 2))] // prettier-ignore
    })
    return { roles, callees }
  },
  /** one service that asks all others */
  hub: (chance, size) => {
    const back = Math.max(1, Math.round(size * 0.3))
    const roles: Role[] = ['balancer', 'service', ...span(2, size - back).map((): Role => 'service'), ...stores(chance, back)] // prettier-ignore
    const callees = roles.map((role, index) => {
      if (index === 0) return [1]
      if (index === 1) return span(2, size - back)
      return isStore(role) ? [] : chance.some(span(size - back, size), chance.whole(1, 3))
    })
    return withCallers(chance, { roles, callees })
  },
  /** a few large services around shared stores */
  few: (chance, size) => {
    const back = Math.max(2, Math.round(size * 0.4))
    const roles: Role[] = [...span(0, size - back).map((): Role => 'service'), ...stores(chance, back)]
    const callees = roles.map(
      (role, index) =>
      isStore(role) ? [] : [...chance.some(span(index + 1, size - back), chance.whole(0, 2)), ...chance.some(span(size - back, size), chance.whole(1, back))], // prettier-ignore
    )
    return withCallers(chance, { roles, callees })
  },
  /** balancers of several regions over shared services, with external providers */
  edge: (chance, size) => {
    const regions = Math.min(4, Math.max(2, Math.floor(size / 8)))
    const back = Math.max(2, Math.round(size * 0.3))
    const roles: Role[] = [...span(0, regions).map((): Role => 'balancer'), ...span(regions, size - back).map((): Role => 'service'), ...stores(chance, back - 1), 'external'] // prettier-ignore
    const callees = roles.map((role, index) => {
      if (index < regions) return chance.some(span(regions, Math.min(size - back, regions + 3)), 2)
      return isStore(role) ? [] : [...chance.some(span(index + 1, size - back), chance.whole(0, 3)), ...chance.some(span(size - back, size), chance.whole(0, 2))] // prettier-ignore
    })
    return withCallers(chance, { roles, callees })
  },
}

/** Whoever nobody calls, behind the front, gets a caller. */
function withCallers(chance: Chance, { roles, callees }: Plan): Plan {
  const called = new Set(callees.flat())
  const able = (index: number): number[] => span(0, index).filter((other) => !isStore(roles[other]!) && roles[other] !== 'balancer') // prettier-ignore
  for (const index of roles.keys()) {
    const callers = called.has(index) || roles[index] === 'balancer' ? [] : able(index)
    if (callers.length > 0) callees[chance.pick(callers)]!.push(index)
  }
  return { roles, callees }
}

/** Seconds, median. */
const TIMES: Readonly<Record<Role, number>> = {
  balancer: 0.0006,
  gateway: 0.003,
  service: 0.012,
  function: 0.03,
  worker: 0.05,
  queue: 0.002,
  cache: 0.0007,
  database: 0.006,
  external: 0.09,
}

function drawNode(chance: Chance, role: Role, name: string): Node {
  const serviceTime = chance.around(TIMES[role], 0.7)
  return {
    name,
    role,
    replicas: role === 'service' || role === 'worker' || role === 'gateway' ? chance.whole(1, 5) : 1,
    workers: 1,
    cores: 1,
    serviceTime,
    cpuTime: serviceTime * chance.between(0.2, 0.8),
    spread: chance.between(0.3, 0.9),
    errors: chance.happens(0.5) ? 0 : chance.around(0.0008, 1),
    memory: chance.between(0.25, 0.7),
    isParallel: chance.happens(0.4),
    calls: [],
  }
}

function drawCall(chance: Chance, from: Role, to: Role, callee: number): Call {
  return {
    to: callee,
    perRequest:
      to === 'cache' || to === 'database' ? chance.pick([1, 1, 1, 2, 3]) : chance.pick([0.1, 0.3, 1, 1, 1, 2]),
    timeout: chance.pick([0.5, 1, 2, 5, 10, 30]),
    retries: from === 'balancer' ? 0 : chance.pick([0, 0, 1, 2, 3]),
    network: chance.around(to === 'external' ? 0.015 : 0.0004, 0.5),
    isOptional: to !== 'database' && chance.happens(to === 'cache' ? 0.8 : 0.15),
    isAsync: to === 'queue' || from === 'queue',
  }
}

/** A service that calls a cache and a database may ask the cache first. */
function putBehindCache(chance: Chance, { calls }: Node, nodes: readonly Node[]): void {
  const cache = calls.find(({ to }) => nodes[to]!.role === 'cache')
  const database = calls.find(({ to }) => nodes[to]!.role === 'database')
  if (cache !== undefined && database !== undefined && chance.happens(0.7)) database.behind = cache.to
}

/** Requests that are answered from a cache in normal operation. */
export const HITS = 0.85

/** Traffic of the busiest minute as a multiple of the mean (`traffic.ts`). */
const PEAK = 2.3

/** A caller waits at least this many times as long as an answer usually takes. */
const PATIENCE = [10, 40] as const

/**
 * Systems in operation survive their own peak, and their time-outs do not strike usual answers: at the peak, workers and cores are a quarter to two thirds
 * busy, and no time-out is shorter than ten times what an answer usually takes.
 */
function provision(chance: Chance, { nodes, entries }: System): void {
  const rates = nodes.map((_, index) => entries.get(index) ?? 0)
  const times = nodes.map(({ serviceTime }) => serviceTime)
  for (const [index, { calls }] of nodes.entries())
    for (const { to, perRequest, behind } of calls) rates[to]! += rates[index]! * perRequest * (behind === undefined ? 1 : 1 - HITS) // prettier-ignore
  for (const index of [...nodes.keys()].reverse())
    for (const { to, perRequest, isAsync, network } of nodes[index]!.calls)
      if (!isAsync) times[index]! += Math.min(perRequest, 3) * (times[to]! + 2 * network)
  for (const [index, node] of nodes.entries()) {
    const [rate, busy] = [Math.max(rates[index]!, 0.01), chance.between(0.25, 0.65) / PEAK]
    node.workers = Math.max(2, Math.ceil((rate * times[index]!) / busy / node.replicas) + chance.whole(1, 8))
    node.cores = Math.max(0.1, (rate * node.cpuTime) / busy / node.replicas)
    for (const call of node.calls) call.timeout = Math.max(call.timeout, times[call.to]! * chance.between(...PATIENCE))
  }
}
