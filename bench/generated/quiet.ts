/** A generated system on days on which nothing goes wrong: traffic comes and goes, a node is slow for a moment now and then. */
import type { CallEdge, Series } from '../../analysis/observations.ts'
import type { Side } from '../division.ts'
import { chanceFrom } from './chance.ts'
import { families, type Family } from './families.ts'
import { familyOf } from './incident.ts'
import { seriesOf } from './metrics.ts'
import { simulate } from './simulate.ts'
import { drawSystem } from './system.ts'
import { drawTraffic } from './traffic.ts'

export interface Quiet {
  family: Family
  stepMs: number
  services: number
  edges: CallEdge[]
  series: Series[]
}

const MONDAY = Date.UTC(2026, 0, 5)

export function quietOf(side: Side, seed: number, hours: number): Quiet {
  const family = familyOf(side, seed)
  const chance = chanceFrom(Math.imul(seed + 1, 0x27d4eb2f) ^ Math.imul(families.indexOf(family) + 1, 0x165667b1))
  const step = chance.pick(family.steps)
  const system = drawSystem(chance, family.shape, chance.whole(...family.size))
  const began = MONDAY + chance.whole(0, 6) * 86_400_000
  const load = drawTraffic(chance, began / 1000, null)
  const ticks = [0, Math.round((hours * 3600) / step)] as const
  const course = simulate({ system, load, fault: null, step, ticks, chance })
  return {
    ...{ family, stepMs: step * 1000, services: system.nodes.length },
    edges: chance.happens(family.graph) ? system.nodes.flatMap(({ name, calls }) => calls.map(({ to }) => ({ from: name, to: system.nodes[to]!.name }))) : [], // prettier-ignore
    series: seriesOf({ system, course, family, began, chance }),
  }
}
