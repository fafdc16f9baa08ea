/** The simulated shop: the lab's code, counters and log lines with a virtual clock. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { randomFrom } from '../../bench/rankings/measures.ts'
import { recordReplay } from '../../lab/replay/record.ts'
import { replay, type Replayed } from '../../lab/replay/replay.ts'
import type { Outage } from '../../lab/replay/stage.ts'
import { createVirtualTime } from '../../lab/replay/virtual-time.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { readRecording } from '../../recording/read.ts'

const START = Date.parse('2026-03-02T10:00:00Z')
const END = START + 300_000
const at = (seconds: number): number => START + seconds * 1000
const hour = (seed: number, outages: Outage[] = []): Promise<Replayed> =>
  replay({ start: START, end: END, random: randomFrom(seed), outages })
const valuesOf = ({ samples }: Replayed, service: string, indicator: string, from: number, until: number): number[] =>
  samples.filter((one) => one.service === service && one.indicator === indicator && one.time >= at(from) && one.time <= at(until)).map(({ value }) => value) // prettier-ignore
const most = (values: readonly number[]): number => Math.max(...values)

it('ends waits in order, and finishes dependent promises before the clock moves', async () => {
  const time = createVirtualTime(1000)
  const seen: string[] = []
  const note = (name: string) => seen.push(`${name} ${time.now()}`)
  void time.wait(30).then(() => note('late'))
  void time.wait(10).then(async () => {
    note('first')
    await time.wait(5)
    note('after it')
  })
  void time.wait(10).then(() => note('second'))
  const stop = time.every(8, () => note('beat'))
  await time.runUntil(1020)
  expect(seen).toEqual(['beat 1008', 'first 1010', 'second 1010', 'after it 1015', 'beat 1016'])
  stop()
  await time.runUntil(2000)
  expect(seen.slice(5)).toEqual(['late 1030'])
})

it('is the same for the same seed, and different for others', async () => {
  const [one, same, other] = await Promise.all([hour(1), hour(1), hour(2)])
  expect(one.samples.length).toBeGreaterThan(1000)
  expect(one).toEqual(same)
  expect(one.samples).not.toEqual(other.samples)
})

it('runs the bad release until its rollback, with the symptoms of the real processes', async () => {
  const { service, imageTag, good } = badDeployment
  const told = await hour(3, [{ service, fault: 'release', start: at(100), end: at(200) }])
  expect(told.changes).toMatchObject([
    { at: at(100), service, type: 'DEPLOYMENT', before: { image_tag: good }, after: { image_tag: imageTag } },
    { at: at(200), service, type: 'DEPLOYMENT', before: { image_tag: imageTag }, after: { image_tag: good } },
  ])
  const users = (from: number, until: number) => most(valuesOf(told, 'frontend', 'latency_p95', from, until))
  expect([users(40, 100) < 100, users(140, 200) > 500, users(240, 300) < 100]).toEqual([true, true, true])
  expect(most(valuesOf(told, 'cart', 'error_ratio', 140, 200))).toBeGreaterThan(0.1)
  expect(most(valuesOf(told, 'cart', 'error_ratio', 240, 300))).toBe(0)
  const lines = told.logs.filter(({ message }) => message.includes('no price for'))
  expect(lines.length).toBeGreaterThan(10)
  expect(lines.every(({ timestamp }) => timestamp >= at(100) && timestamp < at(210))).toBe(true)
})

it('injects slow, failing and dead services', async () => {
  const stage = (fault: Outage['fault']) => hour(4, [{ service: 'catalog', fault, start: at(100), end: at(200) }])
  const [slow, failing, dead] = await Promise.all([stage('slow'), stage('failing'), stage('dead')])
  expect(most(valuesOf(slow, 'catalog', 'latency_p50', 140, 200))).toBeGreaterThan(200)
  expect(most(valuesOf(failing, 'catalog', 'error_ratio', 140, 200))).toBeGreaterThan(0.15)
  expect(valuesOf(dead, 'catalog', 'memory', 101, 199)).toEqual([])
  expect(most(valuesOf(dead, 'cart', 'error_ratio', 140, 200))).toBeGreaterThan(0.5)
  expect(dead.logs.some(({ message }) => message.includes('catalog could not be reached'))).toBe(true)
  for (const one of [slow, failing, dead])
    expect(valuesOf(one, 'catalog', 'latency_p50', 240, 300).filter((value) => value > 50)).toEqual([])
})

it('is written as a recording that does not reveal the fault', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'replay-'))
  const told = await hour(5, [{ service: 'cart', fault: 'release', start: at(200), end: null }])
  await recordReplay(join(dir, 'shop'), told, { start: START, end: END })
  const { observations, documents, warnings } = await readRecording(join(dir, 'shop'))
  rmSync(dir, { recursive: true })
  expect(warnings).toEqual([])
  expect(observations.logs).toHaveLength(told.logs.length)
  expect(observations.series.reduce((sum, { times }) => sum + times.length, 0)).toBe(told.samples.length)
  expect(observations.changes).toMatchObject([{ service: 'cart', timestamp: at(200), type: 'DEPLOYMENT' }])
  const text = JSON.stringify([told.logs, observations.series.map(({ indicator }) => indicator), documents])
  expect(text.match(/\b(fault\w*|stage\w*|replay\w*|outage\w*|inject\w*|slow|dead|failing)\b/gi)).toBeNull()
})
