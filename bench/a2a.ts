/**
 * `npm run bench -- --a2a`: the time of A2A over HTTP and over topics, beside the same without A2A, and what becomes of many tasks when agents are
 * killed. Each part runs in its own process, one after the other.
 */
import { execFile } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { promisify } from 'node:util'
import { type FirstStatus, measureFirstStatus } from './a2a/first-status.ts'
import { type Deaths, measureDeaths, type Outcome } from './a2a/deaths.ts'
import { measureRoundTrips, type RoundTrips } from './a2a/round-trips.ts'
import { count, readArguments, refuse } from './arguments.ts'
import { beside } from './beside.ts'
import type { KafkaAddress } from './sessions/platform.ts'

const PARTS = ['http', 'postgres', 'kafka', 'deaths-postgres', 'deaths-kafka'] as const
const USAGE = `usage: npm run bench -- --a2a [--calls N] [--tasks N] [--part PART]

  --calls N    one after the other (default: 200)
  --tasks N    at the same time, while agents are killed (default: 1000)
  --part PART  measure this part only: ${PARTS.join(', ')}`
const GOAL = { firstStatusP99: 150, postgresP50: 50, kafkaP50: 30 }
const print = (line: string) => process.stdout.write(`${line}\n`)

type Environment = Readonly<Record<string, string | undefined>>

/** Returns the exit code. `program`: starts this again. */
export async function a2a(environment: Environment, program: string): Promise<number> {
  const { values } = readArguments(USAGE, {
    options: {
      a2a: { type: 'boolean' },
      calls: { type: 'string', default: '200' },
      tasks: { type: 'string', default: '1000' },
      part: { type: 'string' },
    },
  })
  const counts = { calls: count(USAGE, '--calls', values.calls), tasks: count(USAGE, '--tasks', values.tasks) }
  const part = PARTS.find((one) => one === values.part)
  if (values.part !== undefined && part === undefined) refuse(USAGE, `there is no part '${values.part}'`)
  if (part !== undefined) {
    print(JSON.stringify(await measurePart(part, counts, environment)))
    return 0
  }
  if (environment['KAFKA_BROKERS'] === undefined) return beside('with-kafka.ts', program)
  const run = async <T>(one: (typeof PARTS)[number]): Promise<T> => {
    const flags = ['--a2a', '--part', one, '--calls', values.calls, '--tasks', values.tasks]
    const { stdout } = await promisify(execFile)(process.execPath, [program, ...flags])
    return JSON.parse(stdout) as T
  }
  print(`${availableParallelism()} cores (${cpus()[0]!.model}), PostgreSQL and Kafka beside, each agent a process`)
  reportHttp(await run<FirstStatus>('http'))
  reportTopics('PostgreSQL', 'NOTIFY', GOAL.postgresP50, await run<RoundTrips>('postgres'))
  reportTopics('Kafka', 'kafkajs', GOAL.kafkaP50, await run<RoundTrips>('kafka'))
  reportDeaths('PostgreSQL', await run<Deaths>('deaths-postgres'))
  reportDeaths('Kafka', await run<Deaths>('deaths-kafka'))
  return 0
}

async function measurePart(
  part: (typeof PARTS)[number],
  { calls, tasks }: { calls: number; tasks: number },
  environment: Environment,
): Promise<unknown> {
  if (part === 'http') return measureFirstStatus(calls)
  const kafka = part.endsWith('kafka') ? kafkaFrom(environment) : null
  return part.startsWith('deaths') ? measureDeaths(kafka, tasks) : measureRoundTrips(kafka, calls)
}

function kafkaFrom({ KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registryUrl }: Environment): KafkaAddress {
  if (brokers === undefined || registryUrl === undefined)
    throw new Error('KAFKA_BROKERS and SCHEMA_REGISTRY_URL name the broker to measure')
  return { brokers: brokers.split(','), registryUrl }
}

const quantile = (ms: readonly number[], share: number): number => ms[Math.floor(share * ms.length)]!
const both = (ms: readonly number[]): string => `p50 ${quantile(ms, 0.5).toFixed(1)} ms, p99 ${quantile(ms, 0.99).toFixed(1)} ms` // prettier-ignore
const ratio = (one: readonly number[], other: readonly number[]): string =>
  (quantile(one, 0.5) / quantile(other, 0.5)).toFixed(2)

function reportHttp({ sent, asked }: FirstStatus): void {
  print('\nA2A over HTTP')
  print(`  SendMessage to the first status: ${both(sent)} (goal ${GOAL.firstStatusP99}), ${sent.length} messages`)
  print(`  the same by the HTTP API: ${both(asked)}; ratio of p50 ${ratio(sent, asked)}`)
}

function reportTopics(bus: string, what: string, goal: number, { calls, bare }: RoundTrips): void {
  print(`\nA2A over topics, ${bus}`)
  print(`  a round trip: ${both(calls)} (goal p50 ${goal}), ${calls.length} calls`)
  print(`  bare ${what}: ${both(bare)}; ratio of p50 ${ratio(calls, bare)}`)
}

function reportDeaths(bus: string, { tasks, calls }: Deaths): void {
  const told = ({ asked, lost, doubled, seconds }: Outcome) =>
    `${asked}: ${lost} lost, ${doubled} doubled, ${seconds.toFixed(1)} s`
  print(`\nSIGKILL, ${bus}`)
  print(`  tasks of a client, the called agent killed: ${told(tasks)}`)
  print(`  calls of the assistant, both agents killed: ${told(calls)}`)
}
