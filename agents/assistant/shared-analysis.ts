/**
 * Sessions with the same answers and the same request share one analysis, and those with the same answers alone its data. The analysis has no clock and no
 * memory, so its result cannot be out of date; only the ids of the evidence it cites differ between sessions, so it cites answers by their hashes.
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

export type SharedAnalyse = (
  tenant: string,
  observations: Observations,
  evidence: readonly Evidence[],
) => Promise<Verdict>

export function shareAnalyses(analyse: Analysis['analyse']): SharedAnalyse {
  const known = new LRUCache<string, Promise<Verdict>>({ max: MOST, ttl: KEPT_MS, ttlAutopurge: true })
  return async (tenant, observations, evidence) => {
    const ids = new Map(evidence.flatMap(({ hash, id }) => (hash === undefined ? [] : [[hash, id]])))
    const isShareable = observations.spans.length === 0 && ids.size === evidence.length
    if (!isShareable) return withNames(await analyse(observations), ids)
    const data = digest([
      tenant,
      evidence.flatMap(({ operation, hash }) => (OF_DATA.has(operation) ? hash! : [])).sort(),
    ])
    const cited = citingHashes(observations, evidence)
    const { series: _series, logs: _logs, ...about } = cited
    const key = digest([data, about])
    const verdict = known.get(key) ?? analyse(cited, data)
    if (known.peek(key) === undefined) {
      known.set(key, verdict)
      // the next one tries again
      verdict.catch(() => known.delete(key))
    }
    return withNames(await verdict, ids)
  }
}

/** Operations whose answers are the series and log lines. Others differ between sessions: the audit log is asked about the requested service first. */
const OF_DATA: ReadonlySet<string> = new Set(['golden-signals', 'logs'])

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64')

function citingHashes(observations: Observations, evidence: readonly Evidence[]): Observations {
  const hashes = new Map(evidence.map(({ id, hash }) => [id, hash!]))
  const cited = <T extends { evidence?: string }>(one: T): T =>
    one.evidence === undefined ? one : { ...one, evidence: hashes.get(one.evidence) ?? one.evidence }
  return { ...observations, series: observations.series.map(cited), changes: observations.changes.map(cited) }
}

function withNames<T>(part: T, names: ReadonlyMap<string, string>): T {
  if (typeof part === 'string') return (names.get(part) ?? part) as T
  if (Array.isArray(part)) return part.map((one: unknown) => withNames(one, names)) as T
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([name, one]) => [name, withNames(one as unknown, names)])) as T
}
