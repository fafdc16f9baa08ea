/** What can go wrong with one node of a system, as changes of what the simulation works with. */
import type { Chance } from './chance.ts'
import type { Role } from './roles.ts'
import type { Node } from './system.ts'

/** How a node differs from normal at one instant. */
export interface Effects {
  /** factor of the service time */
  slower: number
  /** factor of the CPU seconds of a request */
  cpuPerRequest: number
  /** share of the cores that something else on the node's behalf uses: seen as its CPU usage */
  hog: number
  /** share of the cores that others on its host take: not seen as its CPU usage */
  steal: number
  /** failed share of its own, answered at once */
  errors: number
  /** factor of the requests it can work on at a time */
  workers: number
  /** added to the share of memory in use */
  memory: number
  /** how busy its disk is, 0..1; null: as usual */
  disk: number | null
  /** it answers nothing, and measures nothing */
  isDown: boolean
  /** factor of the time-outs of its calls */
  timeouts: number
  /** seconds more for each request to it, one way */
  delay: number
  /** share of requests to it that are lost on the way */
  loss: number
  /** share of hits in a cache; null: as usual */
  hits: number | null
  /** seconds its clock is off */
  clock: number
}

export const NO_EFFECTS: Effects = {
  slower: 1,
  cpuPerRequest: 1,
  hog: 0,
  steal: 0,
  errors: 0,
  workers: 1,
  memory: 0,
  disk: null,
  isDown: false,
  timeouts: 1,
  delay: 0,
  loss: 0,
  hits: null,
  clock: 0,
}

export interface FaultKind {
  name: string
  roles: readonly Role[]
  /** how often a change did it: a release, a setting */
  byChange: number
  /** seconds until it has its full effect */
  ramp: readonly [number, number]
  /** `level`: 0..1 over the ramp; `strength`: 1 is usual */
  effects: (strength: number, level: number) => Partial<Effects>
  /** lines that the node logs because of it; `{n}` and `{id}` are drawn for each line */
  says?: readonly string[]
}

const OWN: readonly Role[] = ['gateway', 'service', 'function', 'worker']
const STORES: readonly Role[] = ['database', 'cache']
const ALL: readonly Role[] = [...OWN, ...STORES, 'external', 'balancer']

const kind = (
  name: string,
  roles: readonly Role[],
  byChange: number,
  ramp: readonly [number, number],
  effects: FaultKind['effects'],
  says?: readonly string[],
): FaultKind =>
  // prettier-ignore
  ({ name, roles, byChange, ramp, effects, ...(says === undefined ? {} : { says }) })

const most = (value: number, limit = 0.98): number => Math.min(value, limit)

export const faultKinds: readonly FaultKind[] = [
  kind('cpu', [...OWN, 'database'], 0.2, [0, 30], (by, level) => ({ hog: most(0.6 * by * level, 0.95) })),
  kind('memory_leak', OWN, 0.5, [900, 2400], (by, level) => ({ memory: most(0.6 * level * by, 0.7), slower: 1 + 4 * by * level ** 3, hog: most(0.5 * by * level ** 3, 0.8) }), ['GC overhead: {n} ms paused in the last minute', 'heap usage above high water mark: {n} MB']), // prettier-ignore
  kind('slow_disk', ['database', 'service', 'worker'], 0.05, [0, 60], (by, level) => ({ slower: 1 + 6 * by * level, disk: most(0.6 + 0.38 * level * by) }), ['slow query: {n} ms on table t_{id}', 'fsync took {n} ms']), // prettier-ignore
  kind('network_delay', ALL, 0.05, [0, 10], (by, level) => ({ delay: 0.12 * by * level })),
  kind('network_loss', ALL, 0.05, [0, 10], (by, level) => ({ loss: most(0.15 * by * level, 0.7) })),
  kind('down', ['database', 'cache', 'external', 'service', 'worker'], 0.15, [0, 0], () => ({ isDown: true })),
  kind('error_return', [...OWN, 'external'], 0.6, [0, 10], (by, level) => ({ errors: most(0.25 * by * level, 0.9) }), ['request {id} rejected: unexpected state', 'returning 500 for {id}']), // prettier-ignore
  kind('exception', OWN, 0.7, [0, 10], (by, level) => ({ errors: most(0.2 * by * level, 0.9), slower: 1 + 0.1 * level }), ['NullReferenceException in handler for {id}', 'unhandled exception: index {n} out of range']), // prettier-ignore
  kind('pool_exhausted', OWN, 0.35, [60, 600], (by, level) => ({ workers: 1 - most(0.85 * Math.sqrt(by) * level, 0.97) }), ['timed out waiting {n} ms for a connection from the pool', 'pool: no idle connection, {n} waiting']), // prettier-ignore
  kind('bad_configuration', OWN, 1, [0, 30], (by, level) => ({ timeouts: 1 - most(0.97 * level * Math.min(1, by), 0.995), slower: 1 + 0.5 * by * level }), ['deadline exceeded after {n} ms']), // prettier-ignore
  kind('bad_release', OWN, 1, [0, 60], (by, level) => ({ cpuPerRequest: 1 + 2 * by * level, slower: 1 + 1.5 * by * level, errors: most(0.03 * by * level, 0.5) }), ['could not decode field {id}: fallback used', 'retrying step {n} after failure']), // prettier-ignore
  kind('noisy_neighbour', [...OWN, 'database'], 0, [0, 120], (by, level) => ({ steal: most(0.5 * by * level, 0.9), slower: 1 + 1.5 * by * level })), // prettier-ignore
  kind('clock', OWN, 0.1, [0, 0], (by, level) => ({ clock: 240 * by * level, errors: most(0.12 * by * level, 0.8) }), ['token used before issued: {n} s in the future', 'certificate is not yet valid for {id}']), // prettier-ignore
  kind('cold_cache', ['cache'], 0.3, [0, 0], (by, level) => ({ hits: Math.max(0, HITS_LEFT - 0.3 * by * level) })),
  kind('lock_contention', ['database'], 0.3, [30, 300], (by, level) => ({ slower: 1 + 5 * by * level, workers: 1 - most(0.5 * by * level, 0.9) }), ['deadlock detected on relation {id}', 'lock wait of {n} ms']), // prettier-ignore
  kind('restarts', [...OWN, 'cache'], 0.3, [0, 10], (by, level) => ({ workers: 1 - most(0.6 * by * level, 0.9), errors: most(0.08 * by * level, 0.6) }), ['starting up, version {id}', 'received SIGTERM, draining {n} requests']), // prettier-ignore
]

const HITS_LEFT = 0.35

export interface Fault {
  kind: FaultKind
  node: number
  /** seconds since the simulation began */
  start: number
  ramp: number
  strength: number
}

interface Places {
  nodes: readonly Node[]
  /** indexes of the nodes that it may hit */
  among: readonly number[]
  /** seconds since the simulation began */
  start: number
}

/** Kinds are equally likely, whatever the roles of the nodes. */
export function drawFault(chance: Chance, { nodes, among, start }: Places): Fault {
  const fitting = ({ roles }: FaultKind): number[] => among.filter((index) => roles.includes(nodes[index]!.role))
  const fault = chance.pick(faultKinds.filter((one) => fitting(one).length > 0))
  return { kind: fault, node: chance.pick(fitting(fault)), start, ramp: chance.between(...fault.ramp), strength: chance.around(1, 0.35) } // prettier-ignore
}

export const levelAt = ({ start, ramp }: Fault, time: number): number =>
  time < start ? 0 : ramp === 0 ? 1 : Math.min(1, (time - start) / ramp)

export function effectsAt(fault: Fault | null, index: number, time: number): Effects {
  if (fault === null || index !== fault.node) return NO_EFFECTS
  const level = levelAt(fault, time)
  return level === 0 ? NO_EFFECTS : { ...NO_EFFECTS, ...fault.kind.effects(fault.strength, level) }
}
