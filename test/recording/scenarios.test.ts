import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readRecording } from '../../recording/read.ts'

const root = join(import.meta.dirname, '../scenarios')
const scenarios = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

describe.each(scenarios)('the scenario %s', (name) => {
  const dir = join(root, name)

  it('is read without warnings, and has a baseline', async () => {
    const { observations, incident, warnings } = await readRecording(dir)
    expect(warnings).toEqual([])
    expect(incident.request).toBeDefined()
    const { window, series } = observations
    expect(series.some(({ times }) => times.some((time) => time >= window.start && time <= window.end))).toBe(true)
    expect(series.some(({ times }) => times.some((time) => time < (observations.onset ?? window.end)))).toBe(true)
  })

  it('is small, and its file names do not reveal the cause', () => {
    const files = readdirSync(dir)
    const size = files.reduce((sum, file) => sum + statSync(join(dir, file)).size, 0)
    expect(size).toBeLessThan(3_000_000)
    const truth = JSON.parse(readFileSync(join(root, '../../bench/truth', `${name}.json`), 'utf8')) as {
      root_causes: { service: string; kind: string }[]
    }
    const told = [name, ...files].map((file) => file.split('.')[0])
    for (const { service, kind } of truth.root_causes)
      for (const word of [service, kind]) expect(told).not.toContain(word)
  })
})

describe('the recorded incident of the ticket shop', () => {
  it('includes its licence, and its request does not name the cause', async () => {
    const dir = join(root, 'train-ticket-07')
    const { incident } = await readRecording(dir)
    expect(incident.source?.license).toBe('MIT')
    expect(readFileSync(join(dir, 'LICENSE'), 'utf8')).toContain('IntelligentDDS')
    expect(JSON.stringify(incident)).not.toMatch(/food|cpu/i)
  })
})
