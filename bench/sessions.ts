/**
 * `npm run bench`: sessions per second, and the time of one beyond its tools', over each bus, compared with the durable engine alone. Each part runs
 * in its own process, one after the other. KAFKA_BROKERS and SCHEMA_REGISTRY_URL name a broker on which the benchmark may create topics; without
 * them it starts one.
 */
import { execFile } from 'node:child_process'
import { availableParallelism, cpus } from 'node:os'
import { promisify } from 'node:util'
import { a2a } from './a2a.ts'
import { anomalies } from './anomalies.ts'
import { count, readArguments, refuse } from './arguments.ts'
import { beside } from './beside.ts'
import { live } from './live.ts'
import { postmortem } from './postmortem.ts'
import { quality } from './quality.ts'
import { measureEngine } from './sessions/engine-alone.ts'
import { type Measured, measure } from './sessions/measure.ts'
import { startPlatform } from './sessions/platform.ts'

if (process.argv.includes('--live')) process.exit(await live(process.env, import.meta.filename))
if (process.argv.includes('--a2a')) process.exit(await a2a(process.env, import.meta.filename))
if (process.argv.includes('--postmortem')) {
  await postmortem()
  process.exit(0)
}
if (process.argv.includes('--anomalies')) {
  await (process.argv.includes('--quality') ? quality() : anomalies())
  process.exit(0)
}

const PARTS = ['engine', 'postgres', 'kafka']
const USAGE = `usage: npm run bench -- [--sessions N] [--alone N] [--part PART | --live | --a2a | --postmortem | --anomalies]

  --sessions N  at the same time (default: 300)
  --alone N     one after the other (default: 100)
  --part PART   measure this part only: ${PARTS.join(', ')}
  --live        over a real Prometheus and Loki instead; its options: --live --help
  --a2a         agents that call each other instead; its options: --a2a --help
  --postmortem  postmortems instead; its options: --postmortem --help
  --anomalies   watching many series instead; its options: --anomalies --help`
const { values } = readArguments(USAGE, {
  options: {
    sessions: { type: 'string', default: '300' },
    alone: { type: 'string', default: '100' },
    part: { type: 'string' },
  },
})
const counts = {
  sessions: count(USAGE, '--sessions', values.sessions),
  alone: count(USAGE, '--alone', values.alone),
}
if (values.part !== undefined && !PARTS.includes(values.part)) refuse(USAGE, `there is no part '${values.part}'`)
/** orient, gather, analyse, and four emissions */
const STEPS = 7
const GOAL = { perSecond: 50, p50: 100, p99: 300, kafkaMs: 100 }
const print = (line: string) => process.stdout.write(`${line}\n`)

if (values.part === undefined && process.env.KAFKA_BROKERS === undefined)
  process.exit(beside('with-kafka.ts', import.meta.filename))
if (values.part === undefined) await compare()
else print(JSON.stringify(await measurePart(values.part)))
process.exit(0)

async function measurePart(part: string): Promise<unknown> {
  if (part === 'engine') return measureEngine(counts.sessions, STEPS)
  const platform = await startPlatform(part === 'kafka' ? kafkaFromEnvironment() : null)
  const measured = await measure(platform, counts)
  await platform.close()
  return measured
}

function kafkaFromEnvironment() {
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registryUrl } = process.env
  if (brokers === undefined || registryUrl === undefined)
    throw new Error('KAFKA_BROKERS and SCHEMA_REGISTRY_URL name the broker to measure')
  return { brokers: brokers.split(','), registryUrl }
}

async function compare(): Promise<void> {
  const run = async <T>(part: string): Promise<T> => {
    const flags = ['--part', part, '--sessions', values.sessions, '--alone', values.alone]
    const { stdout } = await promisify(execFile)(process.execPath, [import.meta.filename, ...flags])
    return JSON.parse(stdout) as T
  }
  print(
    `${availableParallelism()} cores (${cpus()[0]!.model}), PostgreSQL 18 beside, one replica, a recording of 6 services`,
  )
  const engine = await run<{ runs: number; seconds: number }>('engine')
  const baseline = engine.runs / engine.seconds
  print(`the durable engine alone: ${baseline.toFixed(1)} runs/s of ${STEPS} empty steps (${engine.runs} runs)`)
  report('PostgreSQL', await run<Measured>('postgres'), baseline, 0)
  report('Kafka', await run<Measured>('kafka'), baseline, GOAL.kafkaMs)
}

function report(bus: string, measured: Measured, baseline: number, extraMs: number): void {
  const { alone, sessions, seconds, toolCalls, cpuMs, steps } = measured
  const rate = sessions / seconds
  const quantile = (share: number) => alone[Math.floor(share * alone.length)]!
  print(`\nover ${bus}`)
  print(`  ${rate.toFixed(1)} sessions/s (goal ${GOAL.perSecond}), ${(rate / baseline).toFixed(2)} of the engine alone`)
  print(
    `  ${sessions} sessions of ${toolCalls.toFixed(1)} tool calls; ${cpuMs.toFixed(1)} ms of this process's processor each`,
  )
  print(`  one alone, above its tools: p50 ${quantile(0.5).toFixed(0)} ms (goal ${GOAL.p50 + extraMs}), p99 ${quantile(0.99).toFixed(0)} ms (goal ${GOAL.p99 + extraMs}), ${alone.length} sessions`) // prettier-ignore
  print('  steps under load, mean:')
  for (const { name, ms, count } of steps) print(`    ${name.padEnd(10)} ${ms.toFixed(1).padStart(7)} ms × ${count}`)
}
