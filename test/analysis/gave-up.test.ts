/** A slow service whose callers give up waiting: it causes their failures, although it answers every request it gets. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { CallEdge, LogLine, Observations, Series } from '../../analysis/observations.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const START = Date.UTC(2026, 2, 1, 12)
const STEP = 10_000
const [POINTS, FAULT] = [240, 210]
const at = (index: number): number => START + index * STEP
/** ms a caller waits before it gives up */
const TIMEOUT = 300
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1)

interface Level {
  latency: number
  errors: number
}
type Shown = (service: string, share: number) => Level

const CHAIN: CallEdge[] = [{ from: 'web', to: 'orders' }, { from: 'orders', to: 'stock' }] // prettier-ignore
const USUAL: Readonly<Record<string, number>> = { web: 32, orders: 20, stock: 8, mail: 15 }

/** `share`: of the requests that meet the slow service. */
function shop(seed: number, shown: Shown, edges = CHAIN): Observations {
  const random = randomFrom(seed)
  const noise = (width: number): number => 1 + width * (random() + random() - 1)
  const share = 0.4 + 0.5 * random()
  const times = Float64Array.from({ length: POINTS }, (_, index) => at(index))
  const series = Object.entries(USUAL).flatMap(([service, latency]): Series[] => {
    const levels = [...times].map((_, index) => (index < FAULT ? { latency, errors: 0.001 } : shown(service, share)))
    const of = (indicator: string, unit: string, value: (level: Level) => number): Series => ({ service, indicator, unit, times, values: Float64Array.from(levels, value) }) // prettier-ignore
    return [
      of('latency_p50', 'ms', (level) => level.latency * noise(0.1)),
      of('latency_p95', 'ms', (level) => level.latency * 2 * noise(0.2)),
      of('error_ratio', 'ratio', ({ errors }) => errors * noise(0.4)),
      of('request_rate', '1/s', () => 20 * noise(0.2)),
      of('cpu', 'cores', () => 0.2 * noise(0.1)),
    ]
  })
  return { window: { start: at(FAULT - 6), end: at(POINTS) }, baseline: { start: START, end: at(FAULT - 6) }, asked: 'web', series, edges, ...{ logs: [], spans: [], changes: [] } } // prettier-ignore
}

/** The slow service answers every request, but late; a caller waits up to its timeout, then fails. */
const slow: Shown = (service, share) => {
  if (service === 'stock') return { latency: 900, errors: 0.001 }
  if (service === 'orders') return { latency: TIMEOUT, errors: share }
  if (service === 'web') return { latency: TIMEOUT + 12, errors: 0.9 * share }
  return { latency: USUAL[service]!, errors: 0.001 }
}
/** Fails by itself and at once, without affecting the service behind it. */
const failing: Shown = (service, share) => {
  if (service === 'orders') return { latency: 9, errors: share }
  if (service === 'web') return { latency: 20, errors: 0.9 * share }
  return { latency: USUAL[service]!, errors: 0.001 }
}
const gaveUp = (observations: Observations): LogLine[] =>
  ['orders', 'web'].flatMap((service) =>
    Array.from({ length: POINTS * 2 }, (_, index): LogLine => {
      const timestamp = START + (index * STEP) / 2
      return timestamp < at(FAULT) || index % 2 === 0
        ? { timestamp, service, level: 'info', message: `answered request ${index}` }
        : { timestamp, service, level: 'error', message: `no answer within ${TIMEOUT} ms, request ${index}` }
    }),
  ).filter(({ timestamp }) => timestamp < observations.window.end) // prettier-ignore

const firsts = (asked: (seed: number) => Observations) =>
  SEEDS.map((seed) => {
    const { verdict, rootCauses } = diagnose(asked(seed))
    return `${verdict} ${rootCauses[0]?.service}`
  })
const all = (said: string): string[] => SEEDS.map(() => said)

describe('callers that give up waiting', () => {
  it('are victims of the slow service behind them', () => {
    expect(firsts((seed) => shop(seed, slow))).toEqual(all('incident stock'))
  })

  it('are victims even if they log the error themselves', () => {
    expect(firsts((seed) => { const asked = shop(seed, slow); return { ...asked, logs: gaveUp(asked) } })).toEqual(all('incident stock')) // prettier-ignore
  })

  it('are victims even if the service is slow for only some of the requests', () => {
    const partly: Shown = (service, share) => {
      const { latency, errors } = slow(service, share)
      return { latency: service === 'stock' ? 450 : service === 'mail' ? latency : (USUAL[service]! + TIMEOUT) / 2, errors } // prettier-ignore
    }
    expect(firsts((seed) => shop(seed, partly))).toEqual(all('incident stock'))
  })
})

describe('a caller that fails by itself', () => {
  it('is to blame, whatever it calls', () => {
    expect(firsts((seed) => shop(seed, failing))).toEqual(all('incident orders'))
  })

  it('is to blame even if its callee is slightly slower by chance, but faster than the caller', () => {
    const slower: Shown = (service, share) =>
      service === 'stock' ? { latency: 14, errors: 0.001 } : service === 'orders' ? { latency: 60, errors: share } : failing(service, share) // prettier-ignore
    expect(firsts((seed) => shop(seed, slower))).toEqual(all('incident orders'))
  })
})
