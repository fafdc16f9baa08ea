/** Changes in logs that are not errors are listed as findings but make no service suspect. */
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import type { LogLine, Observations } from '../../analysis/observations.ts'

const MINUTE = 60_000
const ONSET = 20 * MINUTE
const baseline = { start: 0, end: ONSET }
const window = { start: ONSET, end: 30 * MINUTE }
const asked = (logs: readonly LogLine[]) =>
  diagnose({ baseline, window, series: [], logs, spans: [], edges: [], changes: [] } satisfies Observations)

const lines = (message: (n: number) => string, from = 0, to = window.end, level = 'INFO'): LogLine[] =>
  Array.from({ length: (to - from) / 5_000 }, (_, n) => {
    const timestamp = from + n * 5_000
    return { timestamp, service: 'cart', level, message: message(n), evidence: timestamp < ONSET ? 'before' : 'during' }
  })

const failing = lines((n) => `no price for item ${n}`, ONSET, window.end, 'ERROR')
const usual = lines((n) => `added item ${n}`)
const stored = lines((n) => `stored order ${n} in the table`, 0, ONSET)
const retried = lines((n) => `asking the catalog once more, item ${n}`, 0, ONSET, 'WARN')
const took = lines((n) => `the query took ${(n >= ONSET / 5_000 ? 900 : 10) + (n % 3)} ms`)

describe('findings from logs', () => {
  const { findings, evidence } = asked([...usual, ...failing, ...stored, ...took])
  const [first, ...others] = findings

  it('list errors first, then vanished templates and changed values', () => {
    expect(first).toMatchObject({ severity: 'critical', message: { en: expect.stringContaining('new log line, 120 times: no price') } }) // prettier-ignore
    expect(others.map(({ message: { en } }) => en)).toEqual([
      'cart: log line gone, 0 times, expected 119 (240 in the baseline): stored order <*> in the table',
      'cart: log line with changed values, median of value 1 is 901, was 11: the query took <*> ms',
    ])
    expect(others[0]).toMatchObject({ severity: 'warning', evidence: ['before'], timestamp: ONSET - 5_000 })
    expect(others[1]).toMatchObject({ severity: 'info', evidence: ['during'] })
  })

  it('cite existing evidence', () => {
    const ids = new Set(evidence.map(({ id }) => id))
    expect(findings.flatMap((one) => one.evidence).every((id) => ids.has(id))).toBe(true)
  })

  it('are of severity info for errors that are no longer logged', () => {
    const told = asked([...usual, ...failing, ...retried]).findings
    expect(told.at(-1)).toMatchObject({ severity: 'info', message: { en: expect.stringContaining('log line gone') } })
  })

  it('alone are not an incident', () => {
    expect(asked([...usual, ...stored, ...took]).verdict).toBe('nothing_wrong')
  })
})
