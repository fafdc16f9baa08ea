/**
 * What one series measured, in bounded memory: the last hour or so in steps, the last half day in minutes, the last month in hours. Each is a ring of
 * means; a gap is NaN.
 */
import type { Usage } from '../capacity/capacity.ts'

export interface Scale {
  /** ms of a mean */
  width: number
  /** means kept */
  count: number
}

const HOUR = 3_600_000
const COARSER: readonly Scale[] = [
  { width: 150_000, count: 384 },
  { width: HOUR, count: 720 },
]
const FINEST = 360

export const scalesFor = (stepMs: number): Scale[] => [
  { width: stepMs, count: stepMs >= HOUR ? COARSER.at(-1)!.count : FINEST },
  ...COARSER.filter(({ width }) => width > stepMs),
]

interface Ring {
  scale: Scale
  /** number of the newest mean; -1: none */
  newest: number
  means: Float32Array
  /** values in the newest mean */
  values: number
}

/** Plain data, so that it can be stored. `means`: 32-bit floats in the order of the ring, in base64. */
export type HistoryState = { newest: number; values: number; means: string }[]

export class History {
  readonly #rings: Ring[]

  constructor(stepMs: number, state: HistoryState = []) {
    this.#rings = scalesFor(stepMs).map((scale, at) => restored(scale, state[at]))
  }

  snapshot(): HistoryState {
    return this.#rings.map(({ newest, values, means }) => ({ newest, values, means: Buffer.from(means.buffer).toString('base64') })) // prettier-ignore
  }

  /** `time`: the end of a step, ms since the epoch; what is older than the last one is ignored. */
  add(time: number, value: number): void {
    for (const ring of this.#rings) {
      const { width, count } = ring.scale
      // a step that ends with a bucket belongs to it
      const bucket = Math.ceil(time / width) - 1
      if (bucket < ring.newest) continue
      for (let gap = Math.max(ring.newest + 1, bucket - count + 1); gap <= bucket; gap++) ring.means[gap % count] = Number.NaN // prettier-ignore
      ring.values = bucket === ring.newest ? ring.values + 1 : 1
      ring.newest = bucket
      const before = ring.means[bucket % count]!
      ring.means[bucket % count] = ring.values === 1 ? value : before + (value - before) / ring.values
    }
  }

  get scales(): readonly Scale[] {
    return this.#rings.map(({ scale }) => scale)
  }

  /** The means of a scale that were measured, oldest first, at the middle of their time; a step's at its end. */
  usage(at: number): Usage {
    const { scale, newest, means } = this.#rings[at]!
    const { width, count } = scale
    const times: number[] = []
    const values: number[] = []
    for (let bucket = Math.max(0, newest - count + 1); bucket <= newest; bucket++) {
      const mean = means[bucket % count]!
      if (Number.isNaN(mean)) continue
      times.push((bucket + (at === 0 ? 1 : 0.5)) * width)
      values.push(mean)
    }
    return { times, values }
  }
}

function restored(scale: Scale, state: HistoryState[number] | undefined): Ring {
  const means = new Float32Array(scale.count).fill(Number.NaN)
  if (state === undefined) return { scale, means, newest: -1, values: 0 }
  const stored = Buffer.from(state.means, 'base64')
  means.set(new Float32Array(stored.buffer.slice(stored.byteOffset, stored.byteOffset + stored.byteLength)))
  return { scale, means, newest: state.newest, values: state.values }
}
