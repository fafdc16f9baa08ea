/** Requests from outside: days, weeks, wandering, and sometimes a surge that everything can take. */
import type { Chance } from './chance.ts'
import type { Load } from './simulate.ts'

const DAY_S = 86_400

export interface Surge {
  /** seconds since the simulation began */
  start: number
  /** factor of the usual rate */
  by: number
}

/** `began`: seconds since the epoch of the simulation's first tick. */
export function drawTraffic(chance: Chance, began: number, surge: Surge | null): Load {
  const [depth, second, peak, weekend] = [chance.between(0.05, 0.6), chance.between(0, 0.25), chance.between(0, 1), chance.between(0.5, 1.1)] // prettier-ignore
  const waves = Array.from({ length: 4 }, () => ({ period: chance.around(900, 1), phase: chance.between(0, 1), size: chance.between(0, 0.06) })) // prettier-ignore
  return {
    at: (elapsed) => {
      const time = began + elapsed
      const turn = 2 * Math.PI * (time / DAY_S - peak)
      const day = 1 + depth * Math.cos(turn) + second * Math.cos(2 * turn)
      const isWeekend = Math.floor(time / DAY_S + 4) % 7 >= 5
      const wander = waves.reduce((sum, { period, phase, size }) => sum + size * Math.sin(2 * Math.PI * (elapsed / period + phase)), 1) // prettier-ignore
      const surging = surge === null || elapsed < surge.start ? 1 : 1 + (surge.by - 1) * Math.min(1, (elapsed - surge.start) / 60) // prettier-ignore
      return Math.max(0.05, day * (isWeekend ? weekend : 1) * wander * surging)
    },
  }
}
