/** An external provider does not answer: the calling service and the host are named. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Change, LogLine, Series } from '../../analysis/observations.ts'
import { summaryOf } from '../../analysis/summary.ts'

const [SECOND, MINUTE] = [1_000, 60_000]
const START = Date.UTC(2026, 2, 1, 12)
const FAULT = START + 40 * MINUTE
const END = START + 50 * MINUTE

const errors = (service: string, failing: number): Series => {
  const times = Float64Array.from({ length: 200 }, (_, n) => START + n * 15 * SECOND)
  return { service, indicator: 'error_ratio', unit: 'ratio', times, values: times.map((time, n) => (time >= FAULT ? failing : 0.001) + (n % 5) / 5_000) } // prettier-ignore
}

const lines = (from: number, everyMs: number, level: string, message: (n: number) => string): LogLine[] =>
  Array.from({ length: Math.floor((END - from) / everyMs) }, (_, n) => ({ timestamp: from + n * everyMs, service: 'checkout', level, message: message(n) })) // prettier-ignore

const explained = (failure: (n: number) => string, changes: Change[] = []) => {
  const verdict = diagnose({
    window: { start: START + 39 * MINUTE, end: END },
    baseline: { start: START, end: START + 39 * MINUTE },
    series: [errors('frontend', 0.03), errors('checkout', 0.18)],
    logs: [
      ...lines(START, 2 * SECOND, 'INFO', (n) => `POST https://pay.example.net/v1/charge order=${n} status=200`),
      ...lines(FAULT, 6 * SECOND, 'ERROR', failure),
    ],
    spans: [],
    edges: [{ from: 'frontend', to: 'checkout' }],
    changes,
  })
  const said = verdict.findings.find(({ source }) => source === 'logs')?.message.en
  const summary = summaryOf(verdict).map(({ en }) => en)
  return { service: verdict.rootCauses[0]?.service, said, summary: summary.join(' ') }
}

describe('a service whose external provider does not answer', () => {
  it.each([
    (n: number) => `POST https://pay.example.net/v1/charge order=${n} failed: context deadline exceeded`,
    (n: number) => `order ${n}: dial tcp: lookup pay.example.net on 10.0.0.10:53: no such host`,
    (n: number) => `charge ${n} refused by provider host=pay.example.net status=503`,
  ])('is named with the host in its log lines', (failure) => {
    const { service, said, summary } = explained(failure)
    expect(service).toBe('checkout')
    expect(said).toMatch(/, all naming pay\.example\.net: /)
    expect(summary).toContain('Most likely cause: checkout; the cause looks external: pay.example.net.')
  })

  it('has no external cause if the provider rejects the request, or an internal host does not answer', () => {
    for (const failure of [
      (n: number) => `POST https://pay.example.net/v1/charge order=${n} failed: status=401 unauthorized`,
      (n: number) => `POST http://payment.shop.svc:8080/charge order=${n} failed: context deadline exceeded`,
      (n: number) => `POST http://frontend.example:8080/charge order=${n} failed: context deadline exceeded`,
    ]) {
      const { said, summary } = explained(failure)
      expect(said).toMatch(/, all naming /)
      expect(summary).not.toContain('external')
    }
  })

  it('is named with its own change if that may have broken the calls', () => {
    const change = { id: 'c', timestamp: FAULT - 20 * SECOND, type: 'CONFIG_UPDATE', service: 'checkout', summary: 'egress policy' } // prettier-ignore
    const { summary } = explained((n) => `POST https://pay.example.net/v1 order=${n}: connection refused`, [change])
    expect(summary).toContain('egress policy; its calls to pay.example.net (external) are failing.')
  })
})
