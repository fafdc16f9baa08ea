/** Which kind of remedy the evidence on the first cause supports, if any. Nothing is assumed that the evidence does not show. */
import type { Remediable } from '../../actions/catalogue.ts'
import { largest } from '../../analysis/extremes.ts'
import { median } from '../../analysis/metrics/robust.ts'
import type { Observations, Series } from '../../analysis/observations.ts'
import type { RootCause, Text, Verdict } from '../../analysis/verdict.ts'
import type { AuditLogItem } from '../tools/tools.ts'
import { levelsOf, roseIn } from './checks.ts'
import { isLikelyAmong, rollbackText, suspectReleases } from './suspect-releases.ts'

export interface Remedy {
  kind: Remediable
  cause: RootCause
  /** start of the disturbance, ms since the epoch */
  since: number | null
  /** what the evidence shows beyond the cause's own explanation */
  grounds: Text | null
  /** for `bad_release`: the suspect releases of the service, earliest first */
  releases?: readonly AuditLogItem[]
  /** for `traffic`: by how much it grew */
  factor?: number
}

const FELT = ['latency_p95', 'error_ratio', 'latency_p99', 'latency_p50', 'error_rate']
/** samples a service must have missed, and ms it must have been silent, to count as dead */
const MISSED = 5
const SILENT_MS = 10_000
/** growth of memory, and of traffic, that no normal variation explains */
const GREW = 1.5
/** growth of traffic that may explain growth of memory */
const BUSIER = 1.2

/** Null: no known kind of action remedies this. */
export function remedyFor(verdict: Verdict, observations: Observations, audit: readonly AuditLogItem[]): Remedy | null {
  const cause = verdict.rootCauses[0]
  if (verdict.verdict !== 'incident' || cause === undefined) return null
  return (
    badRelease(cause, verdict, audit) ?? (cause.changeId === null ? withoutChange(cause, verdict, observations) : null)
  )
}

/** One of its suspect releases more likely than not caused it. */
function badRelease(cause: RootCause, verdict: Verdict, audit: readonly AuditLogItem[]): Remedy | null {
  const suspects = suspectReleases(cause, verdict, audit)
  const [first] = suspects
  if (first === undefined || !isLikelyAmong(suspects)) return null
  // the estimated onset may precede the release, but the release's effect cannot
  const since = verdict.onset === null ? null : Math.max(verdict.onset, first.release.timestamp)
  const releases = suspects.map(({ release }) => release)
  return { kind: 'bad_release', cause, since, grounds: rollbackText(cause.service, suspects), releases }
}

function withoutChange(cause: RootCause, { onset }: Verdict, observations: Observations): Remedy | null {
  if (onset === null || cause.phase === 'over') return null
  return (
    deadProcess(cause, onset, observations) ??
    memoryGrowth(cause, onset, observations) ??
    traffic(cause, onset, observations)
  )
}

/** The service stopped reporting while others continued. */
function deadProcess(cause: RootCause, since: number, { series, window }: Observations): Remedy | null {
  const times = timesOf(series.filter(({ service }) => service === cause.service))
  const last = times.at(-1)
  const others = lastOf(series.filter(({ service }) => service !== cause.service))
  if (last === undefined || others === null || times.length < MISSED || last < window.start) return null
  const steps = times.slice(1).map((time, index) => time - (times[index] ?? time))
  if (others - last < Math.max(MISSED * median(steps), SILENT_MS)) return null
  const at = new Date(last).toISOString()
  return {
    ...{ kind: 'dead_process', cause, since },
    grounds: {
      en: `${cause.service} has reported nothing since ${at}, while others have.`,
      zh: `${cause.service} 自 ${at} 起沒有任何回報，其他服務則持續回報。`,
    },
  }
}

/** Its memory keeps growing, and traffic does not explain it. */
function memoryGrowth(cause: RootCause, since: number, observations: Observations): Remedy | null {
  const [memory] = levelsOf(cause.service, ['memory'], since, observations)
  if (memory === undefined || memory.normal === null) return null
  const during = [...memory.series.values].filter(
    (value, at) => (memory.series.times[at] ?? 0) >= since && Number.isFinite(value),
  )
  if (during.length < 3 * MISSED) return null
  const third = Math.floor(during.length / 3)
  const [first, second, last] = [during.slice(0, third), during.slice(third, 2 * third), during.slice(2 * third)].map((part) => median(part)) as [number, number, number] // prettier-ignore
  const isGrowing = first < second && second < last && last >= GREW * memory.normal
  if (!isGrowing || growthOf(cause.service, since, observations) >= BUSIER) return null
  const factor = (last / memory.normal).toFixed(1)
  return {
    ...{ kind: 'memory_growth', cause, since },
    grounds: {
      en: `Its memory has grown to ${factor} times its normal level and keeps growing; its traffic has not.`,
      zh: `記憶體用量已達平常的 ${factor} 倍且持續成長，流量則沒有增加。`,
    },
  }
}

/** It gets more requests and is slower or failing, while nothing it calls is. */
function traffic(cause: RootCause, since: number, observations: Observations): Remedy | null {
  const factor = growthOf(cause.service, since, observations)
  const suffers = (service: string) => roseIn(service, FELT, since, observations).length > 0
  const callees = observations.edges.filter(({ from }) => from === cause.service).map(({ to }) => to)
  if (factor < GREW || !suffers(cause.service) || callees.some(suffers)) return null
  return {
    ...{ kind: 'traffic', cause, since, factor },
    grounds: {
      en: `It receives ${factor.toFixed(1)} times its normal traffic, and nothing it calls is slower or failing.`,
      zh: `流量為平常的 ${factor.toFixed(1)} 倍，而它所呼叫的服務都沒有變慢或失敗。`,
    },
  }
}

/** By how much its traffic grew; 1: unknown or not at all. */
function growthOf(service: string, since: number, observations: Observations): number {
  const [rate] = levelsOf(service, ['request_rate'], since, observations)
  if (rate === undefined || rate.disturbed === null || rate.normal === null || rate.normal <= 0) return 1
  return rate.disturbed / rate.normal
}

/** Times with a finite value, ascending, without repeats. */
const timesOf = (series: readonly Series[]): number[] =>
  [...new Set(series.flatMap(({ times, values }) => [...times].filter((_, at) => Number.isFinite(values[at]))))].sort(
    (a, b) => a - b,
  )

/** Time of the last finite value; null: there is none. */
function lastOf(series: readonly Series[]): number | null {
  const last = series.flatMap(({ times, values }) => times[values.findLastIndex(Number.isFinite)] ?? [])
  return last.length === 0 ? null : largest(last)
}
