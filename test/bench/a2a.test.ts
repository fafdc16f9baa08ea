/** `npm run bench -- --a2a` with a few calls and tasks, by its parts, each a process as in the benchmark. */
import { expect, it } from 'vitest'
import type { Deaths } from '../../bench/a2a/deaths.ts'
import type { FirstStatus } from '../../bench/a2a/first-status.ts'
import type { RoundTrips } from '../../bench/a2a/round-trips.ts'
import { runProgram } from '../cli/run-sre.ts'
import { kafka, startPrivateKafka } from '../servers/kafka.ts'

const bench = (args: readonly string[], environment: Record<string, string> = {}) =>
  runProgram(['bench/sessions.ts', '--a2a', '--calls', '2', '--tasks', '8', ...args], environment)

async function part<T>(name: string, environment: Record<string, string> = {}): Promise<T> {
  const ran = await bench(['--part', name], environment)
  expect(ran.code, ran.err).toBe(0)
  return JSON.parse(ran.out) as T
}

const ascending = (ms: readonly number[]) => ms.toSorted((a, b) => a - b)

it('measures a message over HTTP beside the same question to the API', async () => {
  const { sent, asked } = await part<FirstStatus>('http')
  for (const ms of [sent, asked]) expect([ms.length, ms]).toEqual([2, ascending(ms)])
})

it('measures a call over Kafka beside a bare request and reply', async () => {
  // the platform's own topic names are used
  const [{ registryUrl }, broker] = await Promise.all([kafka(), startPrivateKafka()])
  const environment = { KAFKA_BROKERS: broker.brokers.join(','), SCHEMA_REGISTRY_URL: registryUrl }
  const { calls, bare } = await part<RoundTrips>('kafka', environment).finally(() => broker.stop())
  for (const ms of [calls, bare]) expect([ms.length, ms]).toEqual([2, ascending(ms)])
}, 300_000)

it('finds no task lost or doubled when the agents are killed', async () => {
  const none = { asked: 8, lost: 0, doubled: 0 }
  expect(await part<Deaths>('deaths-postgres')).toMatchObject({ tasks: none, calls: none })
})

it('refuses a part that there is not', async () => {
  const ran = await bench(['--part', 'sqlite'])
  expect(ran).toMatchObject({ code: 2, out: '' })
  expect(ran.err).toContain("there is no part 'sqlite'")
})
