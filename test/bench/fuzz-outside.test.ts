import { describe, expect, it } from 'vitest'
import { fuzz, type Target } from '../../bench/fuzz/runner.ts'
import { open as openRecordings } from '../../bench/fuzz/targets/recordings.ts'
import { open as openSeries } from '../../bench/fuzz/targets/series.ts'
import { open as openTools } from '../../bench/fuzz/targets/tools.ts'

/** The seed is fixed, so a failing input is tried again. */
async function tried<Input>(opened: Promise<Target<Input>>, runs: number) {
  const target = await opened
  const report = await fuzz(target, { seed: 10, runs })
  await target.close?.()
  return report
}

describe('hostile input from outside', () => {
  it('gets an answer, or an error with its place, from the offline commands', async () => {
    const { tried: count, failure, outcomes } = await tried(openRecordings(), 250)
    expect(failure).toBeNull()
    expect(count).toBe(250)
    for (const command of ['rca', 'anomalies', 'forecast', 'logs']) expect(outcomes[`${command}: refused`]).toBeGreaterThan(0) // prettier-ignore
    expect(outcomes['rca: answered']).toBeGreaterThan(0)
  })

  it('gets an answer, or an error with its place, as a series in any form', async () => {
    const { failure, outcomes } = await tried(openSeries(), 150)
    expect(failure).toBeNull()
    for (const command of ['anomalies', 'forecast'])
      for (const outcome of ['refused', 'answered with warnings']) expect(outcomes[`${command}: ${outcome}`]).toBeGreaterThan(0) // prettier-ignore
  })

  it('gets an answer, no data or a failure from every tool', async () => {
    const { failure, outcomes } = await tried(openTools(), 400)
    expect(failure).toBeNull()
    for (const tool of ['prometheus', 'loki', 'zipkin', 'jaeger', 'tempo', 'alerts', 'resources'])
      expect(outcomes[`${tool}: failed`], tool).toBeGreaterThan(0)
    for (const tool of ['prometheus', 'loki', 'alerts', 'resources'])
      expect(outcomes[`${tool}: ok`], tool).toBeGreaterThan(0)
  })
})
