/** Which affected services belong to one anomaly: those that call each other. */
import type { Call } from './watched.ts'

export class CallGraph {
  readonly #calls = new Map<string, Set<string>>()
  readonly #neighbours = new Map<string, Set<string>>()

  constructor(calls: readonly Call[] = []) {
    for (const { from, to } of calls) {
      if (from === to) continue
      added(this.#calls, from, to)
      added(this.#neighbours, from, to)
      added(this.#neighbours, to, from)
    }
  }

  areNeighbours(one: string, other: string): boolean {
    return this.#neighbours.get(one)?.has(other) ?? false
  }

  /** Sets of services in which each is connected to the others by calls between members. */
  connected(services: Iterable<string>): string[][] {
    const left = new Set(services)
    const groups: string[][] = []
    for (const first of left) {
      left.delete(first)
      const group = [first]
      for (const one of group)
        for (const other of this.#neighbours.get(one) ?? []) if (left.delete(other)) group.push(other)
      groups.push(group)
    }
    return groups
  }

  /** The first service that calls none of the others: a fault travels from a callee to its callers. Of a circle, the first. */
  origin(strongestFirst: readonly string[]): string {
    const calls = (service: string) => this.#calls.get(service)
    const ends = strongestFirst.filter((one) => !strongestFirst.some((other) => calls(one)?.has(other)))
    return ends[0] ?? strongestFirst[0] ?? ''
  }
}

function added(to: Map<string, Set<string>>, key: string, value: string): void {
  to.set(key, (to.get(key) ?? new Set()).add(value))
}
