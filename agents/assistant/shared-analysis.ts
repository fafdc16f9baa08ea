/**
 * Sessions with the same answers and the same request share one analysis. The analysis has no clock and no memory, so its result
 * cannot be out of date; only the ids of the evidence it cites differ between sessions.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { Evidence } from '../runtime/evidence.ts'
import type { Analysis } from './analysis-threads.ts'

/** Verdicts kept; each takes a few kilobytes. */
const KEPT_MS = 60_000
const MOST = 500

interface Shared {
  verdict: Promise<Verdict>
  /** the evidence it cites, by the answer's hash */
  ids: ReadonlyMap<string, string>
}

export type SharedAnalyse = (
  tenant: string,
  observations: Observations,
  evidence: readonly Evidence[],
) => Promise<Verdict>

export function shareAnalyses(analyse: Analysis['analyse']): SharedAnalyse {
  const known = new LRUCache<string, Shared>({ max: MOST, ttl: KEPT_MS, ttlAutopurge: true })
  return async (tenant, observations, evidence) => {
    const key = keyOf(tenant, observations, evidence)
    const ids = new Map(evidence.map(({ hash, id }) => [hash ?? '', id]))
    if (key === null || ids.size < evidence.length) return analyse(observations)
    const shared = known.get(key) ?? { verdict: analyse(observations), ids }
    if (known.peek(key) === undefined) {
      known.set(key, shared)
      // the next one tries again
      shared.verdict.catch(() => known.delete(key))
    }
    const own = new Map([...shared.ids].map(([hash, id]) => [id, ids.get(hash) ?? id]))
    return withIds(await shared.verdict, own)
  }
}

/** `evidence`: the answers that series, log lines and changes came from. Null: some input came from elsewhere. */
function keyOf(tenant: string, observations: Observations, evidence: readonly Evidence[]): string | null {
  const { series: _series, logs: _logs, spans, ...others } = observations
  if (spans.length > 0 || evidence.some(({ hash }) => hash === undefined)) return null
  const said = JSON.stringify([tenant, others, evidence.map(({ hash }) => hash)], (name, value: unknown) => (name === 'evidence' ? undefined : value)) // prettier-ignore
  return createHash('sha256').update(said).digest('base64')
}

function withIds<T>(part: T, ids: ReadonlyMap<string, string>): T {
  if (typeof part === 'string') return (ids.get(part) ?? part) as T
  if (Array.isArray(part)) return part.map((one: unknown) => withIds(one, ids)) as T
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, withIds(one as unknown, ids)])) as T
}
