import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Analysis, startAnalysis } from '../../agents/assistant/analysis-threads.ts'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations, Series } from '../../analysis/observations.ts'

const MINUTE = 60_000
const POINTS = 720

/** Latency and CPU of this many services; the first one slows down in the last tenth. */
function observations(services: number): Observations {
  const times = Float64Array.from({ length: POINTS }, (_, at) => at * MINUTE)
  const seriesOf = (service: number, indicator: string): Series => ({
    service: `service-${service}`,
    indicator,
    times,
    values: times.map((_, at) => 100 + ((at * 7919 + service * 104_729) % 13) + (service === 0 && at > 648 ? 400 : 0)),
  })
  return {
    window: { start: 0, end: POINTS * MINUTE },
    series: Array.from({ length: services }, (_, at) =>
      ['latency_p95', 'cpu'].map((name) => seriesOf(at, name)),
    ).flat(),
    logs: [],
    spans: [],
    edges: [],
    changes: [],
  }
}

describe('the analysis on a thread of its own', () => {
  let analysis: Analysis
  beforeAll(() => {
    analysis = startAnalysis()
  })
  afterAll(() => analysis.close())

  it('gives the same verdict as in the main thread', async () => {
    const few = observations(3)
    const verdict = await analysis.analyse(few)
    expect(verdict).toEqual(diagnose(few))
    expect(verdict.rootCauses[0]?.service).toBe('service-0')
  })

  it('does not block the process while it runs', async () => {
    let ticks = 0
    const ticking = setInterval(() => (ticks += 1), 5)
    await analysis.analyse(observations(1_000))
    clearInterval(ticking)
    expect(ticks).toBeGreaterThan(10)
  })

  it('is sent the same data once', async () => {
    const given = observations(3)
    const verdict = await analysis.analyse(given, 'key')
    const unsendable = [() => undefined] as unknown as Observations['logs']
    expect(await analysis.analyse({ ...given, logs: unsendable }, 'key')).toEqual(verdict)
    await expect(analysis.analyse({ ...given, logs: unsendable }, 'another')).rejects.toThrow('could not be cloned')
  })

  it('rejects with the error of the analysis', async () => {
    const broken = { ...observations(1), series: null } as unknown as Observations
    await expect(analysis.analyse(broken)).rejects.toThrow(TypeError)
    expect((await analysis.analyse(observations(2))).verdict).toBe('incident')
  })

  it('stops an analysis at its time limit, says so, and runs the next one', async () => {
    const hasty = startAnalysis({ longestMs: 1 })
    await expect(hasty.analyse(observations(500))).rejects.toThrow('longer than 0.001 s and was ended')
    await expect(hasty.analyse(observations(500))).rejects.toThrow('was ended')
    await hasty.close()
    expect((await analysis.analyse(observations(2))).verdict).toBe('incident')
  })

  it('aborts a running analysis when it is closed', async () => {
    const another = startAnalysis()
    const given = another.analyse(observations(2_000))
    const ended = expect(given).rejects.toThrow()
    await another.close()
    await ended
  })
})
