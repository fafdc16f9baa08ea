/** What is announced where nothing is wrong: in the lab, in generated systems, in public sets. */
import { join } from 'node:path'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { Outlook } from '../../analysis/filling/outlook.ts'
import type { CallEdge, Series } from '../../analysis/observations.ts'
import { replay } from '../../analysis/watch/replay.ts'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { services } from '../../lab/releases.ts'
import { type Side, sideOf } from '../division.ts'
import { quietOf } from '../generated/quiet.ts'
import { undisturbed } from '../sets/petshop.ts'
import { wsd } from '../sets/wsd.ts'
import { MINUTE, watchLab } from './lab.ts'

export interface Quiet {
  /** weeks of all services together */
  serviceWeeks: number
  anomalies: number
  forecasts: number
}

const HOUR = 60 * MINUTE
const WEEK = 168 * HOUR

export function all(parts: readonly Quiet[]): Quiet {
  const sum = (of: (one: Quiet) => number): number => parts.reduce((total, one) => total + of(one), 0)
  return {
    serviceWeeks: sum(({ serviceWeeks }) => serviceWeeks),
    anomalies: sum(({ anomalies }) => anomalies),
    forecasts: sum(({ forecasts }) => forecasts),
  }
}

export async function quietLab(hours: number, seed: number): Promise<Quiet> {
  const { anomalies, forecasts } = await watchLab({ durationMs: hours * HOUR, seed })
  return { serviceWeeks: (services.length * hours * HOUR) / WEEK, ...countsOf([...anomalies, ...forecasts]) }
}

/** Of one generated system. */
export function quietSystem(side: Side, seed: number, hours: number): Quiet & { family: string } {
  const { family, stepMs, services, edges, series } = quietOf(side, seed, hours)
  const counts = countsOf([...watched(series, edges, stepMs)])
  return { family: family.name, serviceWeeks: (services * hours * HOUR) / WEEK, ...counts }
}

/** The two days of PetShop on which nothing was injected. */
export function quietPetshop(data: string): Quiet {
  const { series, edges, range } = undisturbed(join(data, 'rca/petshop/low_traffic'))
  const names = new Set(series.map(({ service }) => service))
  const weeks = (range.end - range.start) / WEEK
  return { serviceWeeks: names.size * weeks, ...countsOf([...watched(series, edges, 5 * MINUTE)]) }
}

export interface QuietMinutes extends Quiet {
  side: Side
  /** labelled spans, and those in which an anomaly began */
  spans: number
  announced: number
}

/** Minute-series of web services outside of the labelled spans. What they measure is not told: each is taken for the latency of a service, which counts most. */
export function quietMinutes(data: string): QuietMinutes[] {
  return wsd(join(data, 'anomaly/wsd')).map(({ id, times, values, windows, scoredFrom }) => {
    const series = {
      service: id,
      indicator: 'latency',
      times: Float64Array.from(times),
      values: Float64Array.from(values),
    }
    const opened = [...watched([series], [], MINUTE)].filter((one): one is Anomaly => one.phase === 'opened')
    const spans = windows.map(([first, last]) => ({ start: times[first]! - MINUTE, end: times[last]! + MINUTE }))
    const from = times[scoredFrom] ?? Infinity
    const [last] = times.slice(-1)
    const isIn = ({ since }: Anomaly, { start, end }: (typeof spans)[number]): boolean => since >= start && since <= end
    return {
      side: sideOf('wsd', id),
      serviceWeeks: Math.max(0, last! - from) / WEEK,
      anomalies: opened.filter((one) => one.since >= from && !spans.some((span) => isIn(one, span))).length,
      forecasts: 0,
      spans: spans.length,
      announced: spans.filter((span) => opened.some((one) => isIn(one, span))).length,
    }
  })
}

function watched(series: readonly Series[], edges: readonly CallEdge[], stepMs: number) {
  const watcher = new Watcher({ stepMs, latenessMs: 0 })
  watcher.connect(edges)
  const outlook = new Outlook({ stepMs })
  const both = {
    add: (sample: Parameters<Watcher['add']>[0]) => {
      watcher.add(sample)
      outlook.add(sample)
    },
    advance: (now: number): (Anomaly | Forecast)[] => [...watcher.advance(now), ...outlook.advance(now)],
  }
  return replay(series, both, stepMs)
}

const countsOf = (said: readonly (Anomaly | Forecast)[]): Pick<Quiet, 'anomalies' | 'forecasts'> => ({
  anomalies: said.filter(({ phase }) => phase === 'opened').length,
  forecasts: said.filter(({ phase }) => phase === 'produced').length,
})
