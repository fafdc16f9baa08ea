import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../recording/read.ts'

const root = join(import.meta.dirname, '../scenarios')
const scenarios = readdirSync(root)

describe.each(scenarios)('the scenario %s', (name) => {
  const dir = join(root, name)

  it('can be read without a loss', async () => {
    const { observations, incident, warnings } = await readRecording(dir)
    expect(warnings).toEqual([])
    expect(incident.request).toBeDefined()
    expect(incident.source?.license).toBeTruthy()
    const { baseline, window, series, logs, spans } = observations
    expect(baseline && baseline.end <= window.start).toBe(true)
    for (const range of [baseline, window]) {
      const within = (instant: number): boolean => !!range && instant >= range.start && instant <= range.end
      expect(series.some(({ times }) => times.some(within))).toBe(true)
      expect(logs.some(({ timestamp }) => within(timestamp))).toBe(true)
      expect(spans.some(({ start }) => within(start))).toBe(true)
    }
  })

  it('is small, and does not tell the answer by a name or by what was asked', () => {
    const files = readdirSync(dir)
    const size = files.reduce((sum, file) => sum + statSync(join(dir, file)).size, 0)
    expect(size).toBeLessThan(3_000_000)
    const truth = JSON.parse(readFileSync(join(dir, 'truth.json'), 'utf8')) as {
      root_causes: { service: string; indicator: string; kind: string }[]
    }
    const told = [name, ...files, readFileSync(join(dir, 'incident.json'), 'utf8')].join(' ').toLowerCase()
    for (const { service, indicator, kind } of truth.root_causes)
      for (const word of [service, indicator, kind]) expect(told).not.toContain(word.toLowerCase())
  })
})
