/** Which services are watched together. */
import { createHash } from 'node:crypto'
import { CallGraph } from '../../analysis/watch/groups.ts'
import type { Call } from '../../analysis/watch/watched.ts'

/** One, two, three, four, six or twelve replicas have the same number each. Part of what is stored: rows of `anomaly.leases`. */
export const SHARDS = 12

/** The services of a tenant that are watched together. */
export interface Part {
  tenant: string
  shard: number
}

/** Of a service of which nothing else is known. */
export const shardOf = (tenant: string, service: string): number =>
  createHash('sha256').update(`${tenant}\0${service}`).digest().readUInt32BE() % SHARDS

/**
 * By service. Services that call each other are in one shard, because they have their anomalies in common. A service stays in the shard it has in `known`, with
 * what is known of it, even if it begins to call one of another shard.
 */
export function shardsOf(
  tenant: string,
  services: Iterable<string>,
  calls: readonly Call[],
  known: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const groups = new CallGraph(calls).connected(services).map((group) => group.toSorted())
  return new Map(
    groups.flatMap((group) => {
      const kept = group.find((one) => known.has(one))
      const shard = kept === undefined ? shardOf(tenant, group[0]!) : known.get(kept)!
      return group.map((one) => [one, known.get(one) ?? shard] as const)
    }),
  )
}
