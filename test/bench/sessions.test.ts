/** `npm run bench` with a few sessions, each part as a separate process, as in the benchmark. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Measured } from '../../bench/sessions/measure.ts'
import { runProgram } from '../cli/run-sre.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'

const few = ['--sessions', '4', '--alone', '2']
const bench = (args: readonly string[], environment: Record<string, string> = {}) =>
  runProgram(['bench/sessions.ts', ...few, ...args], environment)

// On Kafka the platform's own topic names are used, because the broker is private.
let environment: Record<string, string>
let tearDown: () => Promise<void>
beforeAll(async () => {
  const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
  tearDown = broker.stop
  environment = { KAFKA_BROKERS: broker.brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
}, 180_000)
afterAll(() => tearDown?.())

describe('one part of the benchmark', { timeout: 180_000 }, () => {
  it('runs complete sessions', async () => {
    const ran = await bench(['--part', 'postgres'])
    expect(ran.code, ran.err).toBe(0)
    const measured = JSON.parse(ran.out) as Measured
    expect(measured).toMatchObject({ sessions: 4, toolCalls: 15 })
    expect(measured.alone).toHaveLength(2)
    expect(measured.alone).toEqual(measured.alone.toSorted((a, b) => a - b))
    expect(measured.alone[0]).toBeGreaterThan(0)
    expect(measured.seconds).toBeGreaterThan(0)
    expect(measured.cpuMs).toBeGreaterThan(0)
    expect(measured.steps.map(({ name }) => name)).toEqual(expect.arrayContaining(['orient', 'gather', 'analyse']))
    // warm-up, single and concurrent sessions: each step at least once each
    for (const { name, ms, count } of measured.steps) {
      expect(count, name).toBeGreaterThanOrEqual(5 + 2 + 4)
      expect(ms, name).toBeGreaterThanOrEqual(0)
    }
  })

  it.each([
    ['kafka', 1, 'KAFKA_BROKERS and SCHEMA_REGISTRY_URL name the broker to measure'],
    ['sqlite', 2, "there is no part 'sqlite'"],
  ])('refuses the part %s', async (part, code, message) => {
    const ran = await bench(['--part', part])
    expect(ran).toMatchObject({ code, out: '' })
    expect(ran.err).toContain(message)
  })
})

describe('the benchmark', { timeout: 180_000 }, () => {
  it('compares both buses with the engine alone', async () => {
    const ran = await bench([], environment)
    expect(ran.code, ran.err).toBe(0)
    expect(ran.out).toMatch(/^the durable engine alone: \d+\.\d runs\/s of 7 empty steps \(4 runs\)$/m)
    for (const [bus, p50, p99] of [
      ['PostgreSQL', 100, 300],
      ['Kafka', 200, 400],
    ] as const) {
      // prettier-ignore
      const [, part = ''] = ran.out.split(`over ${bus}\n`)
      const [rate = '', load = '', alone = ''] = part.split('\n')
      expect(rate).toMatch(/^  \d+\.\d sessions\/s \(goal 50\), \d+\.\d\d of the engine alone$/)
      expect(load).toMatch(/^  4 sessions of 15\.0 tool calls; \d+\.\d ms of this process's processor each$/)
      expect(alone).toMatch(new RegExp(`^  one alone, above its tools: p50 -?\\d+ ms \\(goal ${p50}\\), p99 \\d+ ms \\(goal ${p99}\\), 2 sessions$`)) // prettier-ignore
    }
  })
})
