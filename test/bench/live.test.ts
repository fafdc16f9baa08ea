/** What `npm run bench -- --live` measures with, and the services it generates. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { cpuOf, machineCpu, memoryOf, watchMemory } from '../../bench/live/processes.ts'
import { FAILING, linesBetween, SERVICES, samplesAt } from '../../bench/live/services.ts'

/** Keeps a core busy for 300 ms of CPU time. */
const BUSY = 'while (process.cpuUsage().user < 3e5);'

describe('the processes', () => {
  it('are measured with their descendants, including those that ended', async () => {
    const stays = `${BUSY} console.log('done'); process.stdin.resume()`
    const parent = spawn(process.execPath, [
      '-e',
      `const { spawn, spawnSync } = require('node:child_process')
       spawnSync(process.execPath, ['-e', ${JSON.stringify(BUSY)}])
       spawn(process.execPath, ['-e', ${JSON.stringify(stays)}], { stdio: 'inherit' })`,
    ])
    try {
      await once(parent.stdout, 'data')
      const { busy, all } = machineCpu()
      const seconds = cpuOf(new Map([['parent', parent.pid!]])).get('parent')!
      expect(seconds).toBeGreaterThanOrEqual(0.6)
      expect(seconds).toBeLessThan(busy)
      expect(busy).toBeLessThanOrEqual(all)
    } finally {
      parent.stdin.end()
      await once(parent, 'exit')
    }
  })

  it('are watched for their largest memory', async () => {
    const watched = watchMemory(process.pid)
    const held = Buffer.alloc(200 * 2 ** 20, 1)
    const now = memoryOf(process.pid)
    await expect.poll(() => watched.peak()).toBeGreaterThanOrEqual(held.length)
    watched.stop()
    expect(now).toBeGreaterThan(held.length)
  })

  it('that have ended have no memory, and end no measurement', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    const watched = watchMemory(child.pid!)
    await expect.poll(() => watched.peak()).toBeGreaterThan(0)
    child.stdin.end()
    await once(child, 'exit')
    expect(memoryOf(child.pid!)).toBeNull()
    const later = watchMemory(child.pid!)
    const other = watchMemory(process.pid)
    // started later, so the others have looked once more before it did
    await expect.poll(() => other.peak()).toBeGreaterThan(0)
    for (const one of [watched, later, other]) one.stop()
    expect(later.peak()).toBe(0)
  })
})

describe('the generated services', () => {
  const failsFrom = Date.parse('2026-11-01T12:00:00Z')
  const minutes = (count: number) => failsFrom + count * 60_000
  /** change of a counter of one service in ten minutes, over its instances */
  const grown = (service: string, name: string, from: number, labels: Record<string, string> = {}) => {
    const at = (ms: number) =>
      samplesAt(ms, failsFrom)
        .filter(
          (one) =>
            one.name === name &&
            one.labels['service'] === service &&
            Object.entries(labels).every(([label, value]) => one.labels[label] === value),
        ) // prettier-ignore
        .reduce((sum, { value }) => sum + value, 0)
    return at(from + 600_000) - at(from)
  }

  it('are fifty, whose counters never go back', () => {
    expect(new Set(SERVICES).size).toBe(50)
    const counters = (ms: number) => samplesAt(ms, failsFrom).filter(({ name }) => !name.endsWith('_bytes'))
    const [before, after] = [counters(minutes(-5)), counters(minutes(20))]
    expect(after.map(({ name, labels }) => ({ name, labels }))).toEqual(before.map(({ name, labels }) => ({ name, labels }))) // prettier-ignore
    for (const [index, { value }] of after.entries()) expect(value).toBeGreaterThanOrEqual(before[index]!.value)
  })

  it('include one that fails from a given time on', () => {
    const share = (service: string, from: number) => grown(service, 'http_requests_total', from, { status: '500' }) / grown(service, 'http_requests_total', from) // prettier-ignore
    expect(share(FAILING, minutes(-20))).toBeCloseTo(0.002)
    expect(share(FAILING, minutes(5))).toBeCloseTo(0.2)
    expect(share(SERVICES[0]!, minutes(5))).toBeCloseTo(0.002)
    const errors = (from: number, to: number) => linesBetween(from, to, failsFrom).filter(({ line }) => line.includes('"error"')) // prettier-ignore
    expect(errors(minutes(-10), minutes(0))).toEqual([])
    expect(new Set(errors(minutes(0), minutes(10)).map(({ service }) => service))).toEqual(new Set([FAILING]))
  })

  it('log the same lines whatever the intervals', () => {
    const sorted = (lines: ReturnType<typeof linesBetween>) => lines.map(({ service, ms, line }) => `${service} ${ms} ${line}`).sort() // prettier-ignore
    const whole = linesBetween(minutes(0), minutes(2), failsFrom)
    const cut = [linesBetween(minutes(0), minutes(1) + 17, failsFrom), linesBetween(minutes(1) + 17, minutes(2), failsFrom)] // prettier-ignore
    expect(sorted(cut.flat())).toEqual(sorted(whole))
  })
})
