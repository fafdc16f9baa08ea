/**
 * Earlier incidents in the baseline would make the next one look normal. User-facing disturbances in the baseline are therefore diagnosed
 * like the window, with the same threshold, and those that were incidents are left out of the baseline. Known incidents
 * and the platform's own actions are always left out.
 */
import { deviationOf, type Usual, usualOf } from './metrics/deviation.ts'
import { leftOut, lengthOf, merged, MINORITY, suspectedIn } from './metrics/disturbed.ts'
import { actionsIn, inside } from './known-disturbances.ts'
import { meaningOf } from './metrics/meaning.ts'
import { lowerBound } from './metrics/samples.ts'
import type { CallEdge, Observations, Series, TimeRange } from './observations.ts'
import { isFelt } from './ranking/felt.ts'
import { isWhole } from './ranking/graph.ts'
import { rankServices } from './ranking/services.ts'

export interface EarlierIncidents {
  /** ascending, disjoint, within the baseline */
  ranges: readonly TimeRange[]
  /** they cover most of the baseline, so it shows no normal level; then `ranges` is empty */
  isMost: boolean
}

const isFeltIn = (series: Series): boolean => ['latency', 'errors'].includes(meaningOf(series))

/** `enough`: minimum score of an incident. `observations.series` are prepared. */
export function incidentsBefore(observations: Observations, baseline: TimeRange, enough: number): EarlierIncidents {
  const suspected = suspectedIn(seriesOfUsers(observations), baseline)
  const users = suspected.length === 0 ? [] : observations.series.filter(isFeltIn)
  const felt = users.map((series) => inCalm(series, suspected, baseline))
  const found = suspected.filter((range) => wasIncident({ ...observations, felt, baseline, enough }, range))
  const incidents = merged([...found, ...inside(baseline, observations.disturbed ?? [])])
  const isMost = (ranges: readonly TimeRange[]) => lengthOf(ranges) > MINORITY * (baseline.end - baseline.start)
  if (isMost(incidents)) return { ranges: [], isMost: true }
  const all = merged([...incidents, ...inside(baseline, actionsIn(observations.changes))])
  return { ranges: isMost(all) ? incidents : all, isMost: false }
}

/** Indicators of the entry services and the requested services; without a complete call graph, of every service. */
export function seriesOfUsers({ series, edges, asked, alert }: Observations): Series[] {
  const called = new Set(edges.filter(({ from, to }) => from !== to).map(({ to }) => to))
  const named = new Set([asked, alert?.service])
  return series.filter(({ service }) => named.has(service) || !called.has(service))
}

/** A series, and its values outside the suspected ranges. */
interface Felt {
  series: Series
  calm: Series
  usual: Usual
}

function inCalm(series: Series, suspected: readonly TimeRange[], baseline: TimeRange): Felt {
  const calm = leftOut(series, suspected)
  return { series, calm, usual: usualOf(calm, baseline) }
}

interface Asked {
  felt: readonly Felt[]
  edges: readonly CallEdge[]
  baseline: TimeRange
  enough: number
}

/** Diagnoses `range` as if it directly followed the calm time. */
function wasIncident({ felt, edges, baseline, enough }: Asked, range: TimeRange): boolean {
  const window = { start: baseline.end, end: baseline.end + range.end - range.start }
  const deviations = felt.flatMap(
    (one) => deviationOf(atTheEnd(one, range, baseline), baseline, window, one.usual) ?? [],
  )
  if (isFelt(deviations, isWhole(edges) ? edges : [])) return true
  const { suspects } = rankServices({
    services: [...new Set(felt.map(({ series }) => series.service))],
    deviations,
    ...{ logs: [], paths: [], traces: [], placebos: [], changes: [], told: [] },
    edges,
    onset: window.start,
    during: window,
    known: { window, baseline },
  })
  return suspects.some(({ own }) => own >= enough)
}

/** The calm values of the series, followed by those in `range`. */
function atTheEnd({ series, calm }: Felt, range: TimeRange, { end }: TimeRange): Series {
  const before = lowerBound(calm.times, end)
  const [from, upTo] = [lowerBound(series.times, range.start), lowerBound(series.times, range.end)]
  const times = new Float64Array(before + upTo - from)
  times.set(calm.times.subarray(0, before))
  times.set(
    series.times.subarray(from, upTo).map((time) => time - range.start + end),
    before,
  )
  const values = new Float64Array(times.length)
  values.set(calm.values.subarray(0, before))
  values.set(series.values.subarray(from, upTo), before)
  return { ...series, times, values }
}
