import { expect, it } from 'vitest'
import { arriving, polling, type Target } from '../../agents/anomaly/source.ts'
import type { MetricsQuery, MetricsTool } from '../../agents/tools/tools.ts'
import type { Sample } from '../../analysis/watch/watched.ts'

const SIGNAL = new AbortController().signal
const target = (service: string): Target => ({ tenant: 'default', service, namespace: null, strict: false })
const RANGE = { start: 10_000, end: 30_000 }

it('takes what Prometheus measured after the start of the range, and names what it could not ask about', async () => {
  const metrics = {
    async goldenSignals({ service, stepS }: MetricsQuery) {
      if (service === 'mail') return { status: 'failed', error: 'too many samples', data: null }
      if (service === 'batch') return { status: 'no_data', data: null }
      const series = { service, instance: 'cart-1', indicator: 'latency_p95', unit: 'ms', times: [10_000, 20_000, 30_000], values: [1, 2, stepS] } // prettier-ignore
      return { status: 'ok', data: { series: [series] } }
    },
  } as unknown as MetricsTool
  const source = polling({ metrics, atOnce: 1, spread: 0 })
  const { samples, failures } = await source.read(['cart', 'mail', 'batch'].map(target), RANGE, 10_000, SIGNAL)
  const about = { service: 'cart', instance: 'cart-1', indicator: 'latency_p95', unit: 'ms' }
  expect(samples).toEqual([
    { ...about, time: 20_000, value: 2 },
    { ...about, time: 30_000, value: 10 },
  ])
  expect(failures).toEqual([{ service: 'mail', why: 'too many samples' }])
})

it('keeps what arrives until it is old, whoever reads it', async () => {
  const listeners = new Set<(samples: readonly Sample[]) => void>()
  const source = arriving((take) => {
    listeners.add(take)
    return () => listeners.delete(take)
  }, 60_000)
  const sample = (service: string, time: number): Sample => ({ service, indicator: 'latency_p95', time, value: 1 })
  const tell = (...samples: Sample[]) => listeners.forEach((take) => take(samples))
  const timesOf = async (service: string, range: typeof RANGE) =>
    (await source.read([target(service)], range, 10_000, SIGNAL)).samples.map(({ time }) => time)
  tell(sample('cart', 10_000), sample('mail', 20_000), sample('cart', 30_000), sample('cart', 40_000))
  expect(await timesOf('cart', RANGE)).toEqual([30_000])
  expect(await timesOf('mail', RANGE)).toEqual([20_000])
  tell(sample('cart', 95_000))
  expect(await timesOf('cart', { start: 0, end: 100_000 })).toEqual([40_000, 95_000])
  source.end()
  expect(listeners.size).toBe(0)
})
