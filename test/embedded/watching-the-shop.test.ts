/** Recordings of the shop, watched as the embedded platform watches it. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Series } from '../../analysis/observations.ts'
import { replay } from '../../analysis/watch/replay.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { SHOP_TIMES } from '../../embedded/anomaly.ts'
import { evaluate, shopRules } from '../../embedded/control-plane/rules.ts'
import { readRecording } from '../../recording/read.ts'

const { stepMs, latenessMs } = SHOP_TIMES
const BASELINE_MS = 20_000

/** From `start` on, ms since the epoch. */
async function watched(scenario: string, start: number) {
  const { observations } = await readRecording(join(import.meta.dirname, '../scenarios', scenario))
  const series = observations.series.map((one) => from(one, start))
  const watcher = new Watcher({ ...SHOP_TIMES, latenessMs: 0 })
  watcher.connect(observations.edges)
  return { series, announced: [...replay(series, watcher, stepMs)] }
}

function from(series: Series, start: number): Series {
  const first = series.times.findIndex((time) => time >= start)
  return { ...series, times: series.times.subarray(first), values: series.values.subarray(first) }
}

/** When the first alert fires. */
function firstAlert(series: readonly Series[]): number | undefined {
  const measured = series.flatMap(({ service, indicator, times, values }) => Array.from(times, (time, at) => ({ service, indicator, time, value: values[at]! }))) // prettier-ignore
  return evaluate(
    new Map(),
    shopRules,
    measured.toSorted((a, b) => a.time - b.time),
  ).transitions[0]?.at
}

describe('the shop of the embedded platform', () => {
  it('has its bad release announced before the alert fires, after a baseline of 20 s', async () => {
    const deployed = Date.parse('2026-11-23T15:55:19.681Z')
    const { series, announced } = await watched('shop-01', deployed - BASELINE_MS)
    const [first] = announced
    expect(first).toMatchObject({ phase: 'opened', service: 'cart' })
    expect(first!.since).toBeGreaterThan(deployed)
    // judged once late samples have arrived, and by the turn that follows
    expect(first!.at + latenessMs + stepMs).toBeLessThan(firstAlert(series) ?? Number.NaN)
  })

  it.each([0, 20, 40, 60])('has nothing announced while nothing is wrong, watched from %i s on', async (seconds) => {
    const begin = Date.parse('2026-11-23T15:55:47.507Z')
    const { series, announced } = await watched('shop-02', begin + seconds * 1_000)
    expect(firstAlert(series)).toBeUndefined()
    expect(announced).toEqual([])
  })
})
