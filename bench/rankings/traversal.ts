/**
 * PetShop's traversal (Hardt et al., CLeaR 2024), as run by its authors: on the alerted metric only, at one instant, from the alerted service along
 * disturbed callees. A service without disturbed callees is a possible cause; causes are ranked by the strongest path.
 */
import { median, spreadAround } from '../../analysis/metrics/robust.ts'
import type { Observations, Series, TimeRange } from '../../analysis/observations.ts'
import { mean } from './measures.ts'

/** Deviations from the median beyond which a service counts as disturbed. */
export const DISTURBED = 5
/** Index of the sample used, or the next one at which the alerted service is disturbed. */
const INSTANT = 2
const FEWEST = 10

/** Empty if no alert names a service and a metric. */
export function fromTheAlert({ alert, series, edges }: Observations, [before, during]: readonly TimeRange[]): string[] {
  const metric = alert?.labels['metric']
  const front = alert?.service
  if (metric === undefined || front === undefined || before === undefined || during === undefined) return []
  const scores = new Map(
    series
      .filter(({ indicator }) => indicator === metric || indicator === `${metric}_average`)
      .map((one) => [one.service, scoresOf(one, before, during)]),
  )
  const own = [...(scores.get(front) ?? [])].slice(INSTANT)
  const instant = own.find(([, score]) => score > 0)?.[0]
  if (instant === undefined) return []
  const scoreAt = (service: string): number => scores.get(service)?.get(instant) ?? 0
  const callees = (service: string): string[] =>
    edges.filter(({ from, to }) => from === service && scoreAt(to) > 0).map(({ to }) => to)
  const strongest = new Map<string, number>()
  const follow = (path: readonly string[], sum: number): void => {
    const next = callees(path.at(-1)!).filter((callee) => !path.includes(callee))
    if (next.length === 0) strongest.set(path.at(-1)!, Math.max(strongest.get(path.at(-1)!) ?? 0, sum))
    for (const callee of next) follow([...path, callee], sum + scoreAt(callee))
  }
  follow([front], scoreAt(front))
  return [...strongest].sort((a, b) => b[1] - a[1]).map(([service]) => service)
}

/** Scores by instant of the window: in median absolute deviations, 0 below the threshold; for a constant series, the change itself. */
function scoresOf({ times, values }: Series, before: TimeRange, during: TimeRange): Map<number, number> {
  const within = ({ start, end }: TimeRange) =>
    [...times.keys()].filter((at) => times[at]! >= start && times[at]! < end)
  const usual = within(before).map((at) => values[at]!)
  if (usual.length < FEWEST) return new Map()
  const constant = usual.every((value) => value === usual[0])
  const center = constant ? mean(usual) : median(usual)
  const scale = constant ? 1 : Math.max(spreadAround(center, usual), 1e-9)
  return new Map(
    within(during).map((at) => {
      const score = Math.abs(values[at]! - center) / scale
      return [times[at]!, score > (constant ? 0 : DISTURBED) ? score : 0]
    }),
  )
}
