import { describe, expect, it } from 'vitest'
import { chanceFrom } from '../../../bench/generated/chance.ts'
import { type Fault, faultKinds } from '../../../bench/generated/faults.ts'
import { simulate, type Tick } from '../../../bench/generated/simulate.ts'
import type { Call, Node, System } from '../../../bench/generated/system.ts'

const node = (name: string, calls: Call[], rest: Partial<Node> = {}): Node => ({ name, role: 'service', replicas: 1, workers: 20, cores: 4, serviceTime: 0.02, cpuTime: 0.01, spread: 0.5, errors: 0, memory: 0.4, isParallel: false, calls, ...rest }) // prettier-ignore
const call = (to: number, rest: Partial<Call> = {}): Call => ({ to, perRequest: 1, timeout: 5, retries: 0, network: 0.0005, isOptional: false, isAsync: false, ...rest }) // prettier-ignore

/** front → middle → store, a hundred requests a second; front also calls a neighbour. */
const systemOf = (between: Partial<Call> = {}): System => ({
  nodes: [
    node('front', [call(1, between), call(3)]),
    node('middle', [call(2)]),
    node('store', [], { role: 'database', serviceTime: 0.01, cpuTime: 0.004 }),
    node('neighbour', []),
  ],
  entries: new Map([[0, 100]]),
})

const [FRONT, MIDDLE, STORE, NEIGHBOUR] = [0, 1, 2, 3]
const faultOf = (kind: string, at: number, strength = 1): Fault => ({ kind: faultKinds.find(({ name }) => name === kind)!, node: at, start: 0, ramp: 0, strength }) // prettier-ignore

function last(fault: Fault | null, system = systemOf(), load = 1): Tick[] {
  const { ticks } = simulate({
    system,
    load: { at: () => load },
    fault,
    step: 10,
    ticks: [-60, 60],
    chance: chanceFrom(1),
  })
  return ticks.at(-1)!
}

describe('a simulated system', () => {
  it('passes requests on to callees, and their time back to callers', () => {
    const calm = last(null)
    for (const { arrivals, served, errors } of calm) {
      expect(arrivals).toBeCloseTo(100, 1)
      expect(served).toBeCloseTo(100, 1)
      expect(errors).toBe(0)
    }
    expect(calm[FRONT]!.latency).toBeGreaterThan(calm[MIDDLE]!.latency + calm[NEIGHBOUR]!.latency)
    expect(calm[MIDDLE]!.latency).toBeGreaterThan(calm[STORE]!.latency)
  })

  it('keeps the workers of the callers of a slow callee busy until requests wait there too', () => {
    const slow = last(faultOf('slow_disk', STORE, 5))
    expect(slow[MIDDLE]!.busy).toBeGreaterThan(0.95)
    for (const caller of [MIDDLE, FRONT]) expect(slow[caller]!.backlog).toBeGreaterThan(50)
    expect(slow[MIDDLE]!.served, 'less than what arrives').toBeLessThan(95)
    expect(slow[NEIGHBOUR]!.latency, 'nobody waits for the neighbour').toBeLessThan(0.1)
  })

  it('sends more requests to a callee that fails, if its callers try again', () => {
    const failing = faultOf('error_return', MIDDLE, 2)
    expect(last(failing)[MIDDLE]!.arrivals).toBeCloseTo(100, 1)
    const retried = last(failing, systemOf({ retries: 2 }))
    expect(retried[MIDDLE]!.arrivals).toBeGreaterThan(150)
    expect(retried[FRONT]!.errors).toBeLessThan(last(failing)[FRONT]!.errors)
  })

  it('lets only the callers of a node see its network', () => {
    const [calm, delayed] = [last(null), last(faultOf('network_delay', MIDDLE))]
    expect(delayed[MIDDLE]!.latency).toBeCloseTo(calm[MIDDLE]!.latency, 3)
    expect(delayed[MIDDLE]!.outside!.latency).toBeGreaterThan(calm[MIDDLE]!.outside!.latency + 0.2)
    expect(delayed[FRONT]!.latency).toBeGreaterThan(calm[FRONT]!.latency + 0.2)
  })

  it('answers without what is optional', () => {
    expect(last(faultOf('down', MIDDLE))[FRONT]!.errors).toBe(1)
    expect(last(faultOf('down', MIDDLE), systemOf({ isOptional: true }))[FRONT]!.errors).toBe(0)
  })

  it('waits longer the busier it is, and loses what no queue can hold', () => {
    const [calm, busy, drowned] = [1, 1.7, 6].map((load) => last(null, systemOf(), load)[FRONT]!)
    expect(busy!.own).toBeGreaterThan(calm!.own)
    expect(busy!.errors).toBe(0)
    expect(drowned!.errors).toBeGreaterThan(0.1)
  })

  it.each(faultKinds.map(({ name }) => name))('shows what goes wrong: %s', (name) => {
    const at = faultKinds.find((kind) => kind.name === name)!.roles.includes('service') ? MIDDLE : STORE
    const system = systemOf()
    if (name === 'cold_cache') system.nodes[STORE]!.role = 'cache'
    const [calm, wrong] = [last(null, system), last(faultOf(name, at), system)]
    expect(wrong[at]).not.toEqual(calm[at])
    expect(wrong[NEIGHBOUR]!.own, 'the neighbour').toBeCloseTo(calm[NEIGHBOUR]!.own, 2)
  })
})
