import { expect, it } from 'vitest'
import { BASELINE_MS, calmTime, collectBaseline } from '../../cli/start/baseline.ts'
import type { Line } from '../../cli/terminal/line.ts'
import type { IndicatorSample } from '../../lab/indicators.ts'

const round = (seconds: number, latency: number, errors = 0): IndicatorSample[] =>
  Object.entries({ latency_p95: latency, error_ratio: errors, cpu: 0.04 }).map(([indicator, value]) => ({
    ...{ time: seconds * 1000, service: 'cart', instance: 'cart-1', unit: '' },
    ...{ indicator, value },
  }))

it('counts normal operation, and starts again after a slow or failing round', () => {
  const calm = calmTime()
  expect([0, 1, 2].map((at) => calm(round(at, 60)))).toEqual([0, 1000, 2000])
  expect(calm(round(3, 400))).toBe(0)
  expect([4, 5].map((at) => calm(round(at, 60)))).toEqual([0, 1000])
  expect(calm(round(6, 60, 0.06))).toBe(0)
  expect(calm([])).toBe(0)
  expect([8, 9].map((at) => calm(round(at, 60)))).toEqual([0, 1000])
})

function shop() {
  const listeners = new Set<(samples: readonly IndicatorSample[]) => void>()
  return {
    listeners,
    tell: (samples: IndicatorSample[]) => listeners.forEach((one) => one(samples)),
    onSamples: (listener: (samples: readonly IndicatorSample[]) => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function screen() {
  const said: string[] = []
  const say = (text: Line) => said.push(typeof text === 'string' ? text : text.ansi)
  return { said, context: { print: say, note: say, language: 'en' as const } }
}

it('waits for the rest of the baseline after a disturbance, and then listens no more', async () => {
  const { tell, onSamples, listeners } = shop()
  const { said, context } = screen()
  const baseline = collectBaseline({ onSamples })
  for (let at = 0; at < 15; at++) tell(round(at, 60))
  tell(round(15, 300))
  for (let at = 16; at <= 20; at++) tell(round(at, 60))
  let isComplete = false
  const complete = baseline.complete(context).then(() => (isComplete = true))
  for (let at = 21; at < 16 + BASELINE_MS / 1000; at++) tell(round(at, 60))
  await Promise.resolve()
  expect(isComplete).toBe(false)
  tell(round(16 + BASELINE_MS / 1000, 60))
  await complete
  expect(listeners.size).toBe(0)
  expect(said).toEqual([expect.stringContaining('the shop runs normally for 16 s more')])
})

it('says after three minutes that the machine is busy, and goes on', async () => {
  const { tell, onSamples } = shop()
  const { said, context } = screen()
  const complete = collectBaseline({ onSamples }, 10).complete(context)
  tell(round(0, 900))
  await complete
  expect(said).toEqual([expect.stringContaining('20 s more'), expect.stringContaining('the machine is busy')])
})
