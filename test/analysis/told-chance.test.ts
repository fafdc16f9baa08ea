/** The noise of logs, request paths and spans is measured on the baseline, as for metrics. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { summaryOf } from '../../analysis/summary.ts'
import type { LogLine, Observations, Series } from '../../analysis/observations.ts'
import { isFelt } from '../../analysis/ranking/felt.ts'
import { deviationOf } from '../../analysis/metrics/deviation.ts'
import { MinedLines } from '../../analysis/logs/mined.ts'
import { toldPlacebos } from '../../analysis/ranking/told-placebos.ts'

const MINUTE = 60_000
const BASELINE = { start: 0, end: 60 * MINUTE }
const WINDOW = { start: 60 * MINUTE, end: 72 * MINUTE }
const asked = (parts: Partial<Observations>) =>
  diagnose({ window: WINDOW, baseline: BASELINE, series: [], logs: [], spans: [], edges: [], changes: [], ...parts })

const line = (timestamp: number, message: string, level = 'INFO'): LogLine => ({ timestamp, service: 'cart', level, message }) // prettier-ignore
const every = (step: number, from: number, to: number, message: string, level?: string): LogLine[] =>
  Array.from({ length: Math.floor((to - from) / step) }, (_, n) => line(from + n * step, message, level))

/** A burst of forty warnings; two in a row occur every 24 minutes. */
const burst = (at: number): LogLine[] => every(500, at, at + 20_000, 'connection to the pool was reset', 'WARN')
const usual = every(6_000, 0, WINDOW.end, 'added one item')
const bursts = [5, 6, 29, 30, 53, 54].flatMap((minute) => burst(minute * MINUTE))

describe('the noise of logs', () => {
  it('is lower than the score of a real fault', () => {
    const broken = every(1_000, WINDOW.start, WINDOW.end, 'no answer of the payment service', 'ERROR')
    expect(asked({ logs: [...usual, ...broken] }).verdict).toBe('incident')
  })

  it('prevents an incident for a usual burst', () => {
    const twice = [...burst(64 * MINUTE), ...burst(65 * MINUTE)]
    expect(asked({ logs: [...usual, ...bursts, ...twice] }).verdict).not.toBe('incident')
    expect(asked({ logs: [...usual, ...twice] }).verdict).toBe('incident')
  })

  it('is measured on blocks of the baseline, and on none if it is too short', () => {
    const before = { logs: usual.map((one, n): LogLine => ({ ...one, traceId: `${n >> 2}` })), spans: [] }
    expect(toldPlacebos(before, before, new MinedLines()).length).toBeGreaterThan(3)
    expect(toldPlacebos({ logs: usual.slice(0, 7), spans: [] }, before, new MinedLines())).toEqual([])
  })
})

it('reports a baseline that is too short to estimate noise', () => {
  const lines = [...usual.slice(0, 5), ...every(6_000, WINDOW.start, WINDOW.end, 'added one item')]
  const unknown = 'too few logs or traces in the baseline to tell these changes from noise'
  expect(asked({ logs: lines }).missing.map(({ en }) => en)).toContain(unknown)
  expect(asked({ logs: usual }).missing.map(({ en }) => en)).not.toContain(unknown)
})

describe('failing requests at the entry service', () => {
  const times = Float64Array.from({ length: 72 }, (_, n) => n * MINUTE)
  const success = (failing: (minute: number) => boolean): Series => ({
    service: 'front',
    indicator: 'success_rate',
    unit: '%',
    times,
    values: times.map((_, minute) => (failing(minute) ? 40 : 100)),
  })
  const felt = (series: Series): boolean => isFelt([deviationOf(series, BASELINE, WINDOW)!], [{ from: 'front', to: 'cart' }]) // prettier-ignore

  it('affect users even if as many failed occasionally before', () => {
    const before = (minute: number): boolean => minute >= 20 && minute < 26
    expect(felt(success((minute) => before(minute) || minute >= 60))).toBe(true)
    expect(felt(success(before))).toBe(false)
  })
})

it('gives the compared window and the largest move of an all-clear', () => {
  const times = Float64Array.from({ length: 72 }, (_, n) => n * MINUTE)
  const values = times.map((_, n) => 100 + 3 * Math.sin(n * 1.7) + (n === 64 ? 9 : 0))
  const verdict = asked({ series: [{ service: 'cart', indicator: 'cpu', times, values }] })
  expect(verdict).toMatchObject({ verdict: 'nothing_wrong', compared: WINDOW })
  const said = summaryOf(verdict)
  expect(said[0]?.en).toContain('from 1970-01-01 01:00:00 UTC to 1970-01-01 01:12:00 UTC')
  expect(said[0]?.zh).toContain('1970-01-01 01:00:00 UTC 至 1970-01-01 01:12:00 UTC')
})
