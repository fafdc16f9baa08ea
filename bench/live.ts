/**
 * `npm run bench -- --live`: sessions over a real Prometheus and Loki with 50 services, one assistant and a real Kafka, all on this machine. With
 * `--before DIR`, a checkout of another version is measured first, over the same servers.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBus, prepareKafkaBus } from '../bus/create.ts'
import { startLocalPostgres } from '../embedded/postgres.ts'
import { loadContract } from '../schemas/contract.ts'
import { count, readArguments } from './arguments.ts'
import { beside } from './beside.ts'
import { startAssistant } from './live/assistant.ts'
import { type Batch, type LiveCounts, type LiveMeasured, measureLive } from './live/measure.ts'

const USAGE = `usage: npm run bench -- --live [--sessions N] [--alone N] [--apart N] [--queued N] [--before DIR [--before-sessions N]]

  --sessions N         at the same time, about now (default: 200)
  --apart N            at the same time, each of a time range of its own, so that nothing is shared; 0: not measured (default: 50)
  --alone N            one after the other, each of a time range of its own (default: 10)
  --queued N           at the same time, to measure the assistant's memory for two minutes; 0: not measured (default: 1000)
  --before DIR         a checkout of another version, with its packages, to compare with
  --before-sessions N  at the same time for that version, which may be much slower (default: 20)`

const GOAL = { perSecond: 10, evidenceKb: 100, memoryMb: 500 }
const HERE = join(import.meta.dirname, '..')
const print = (line: string) => process.stdout.write(`${line}\n`)

/** Returns the exit code. `program`: starts this again, beside its servers. */
export async function live(
  environment: Readonly<Record<string, string | undefined>>,
  program: string,
): Promise<number> {
  const { values } = readArguments(USAGE, {
    options: {
      live: { type: 'boolean' },
      sessions: { type: 'string', default: '200' },
      alone: { type: 'string', default: '10' },
      apart: { type: 'string', default: '50' },
      queued: { type: 'string', default: '1000' },
      before: { type: 'string' },
      'before-sessions': { type: 'string', default: '20' },
    },
  })
  const counts = {
    sessions: count(USAGE, '--sessions', values.sessions),
    alone: count(USAGE, '--alone', values.alone),
    apart: count(USAGE, '--apart', values.apart, 0),
    queued: count(USAGE, '--queued', values.queued, 0),
  }
  const fewer = count(USAGE, '--before-sessions', values['before-sessions'])
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: registryUrl, SERVER_PIDS: servers } = environment
  if (servers === undefined || brokers === undefined || registryUrl === undefined)
    return beside('with-live.ts', program)
  const contract = loadContract()
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-live-'))
  const postgres = await startLocalPostgres(dataDir)
  const kafka = { brokers: brokers.split(','), registryUrl, contract }
  await prepareKafkaBus(kafka, { replicas: 1 })
  const bus = await createBus({ kind: 'kafka', ...kafka })
  const postmaster = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]
  const pids = new Map([...servers.split(',').filter((one) => one !== ''), `postgres=${postmaster}`].map((one): [string, number] => [one.split('=')[0]!, Number(one.split('=')[1])])) // prettier-ignore
  const measured = async (checkout: string, database: string, amount: LiveCounts) => {
    const assistant = await startAssistant(checkout, postgres.url, database)
    try {
      return await measureLive({ assistant, bus, contract, counts: amount, pids })
    } finally {
      await assistant.close()
    }
  }
  try {
    print(`${availableParallelism()} cores (${cpus()[0]!.model}), all servers beside, one assistant, 50 services`)
    const old = values.before === undefined ? null : await measured(values.before, 'before', { ...counts, alone: 1, sessions: fewer, apart: 0 }) // prettier-ignore
    if (old !== null) report('the other version', old)
    const now = await measured(HERE, 'after', counts)
    report('this version', now)
    if (old !== null) print(`\ncompared with the other version: ${(rateOf(now.together) / rateOf(old.together)).toFixed(1)} times the sessions per second, ${(old.together.evidenceBytes / now.together.evidenceBytes).toFixed(1)} times less evidence`) // prettier-ignore
    return 0
  } finally {
    await bus.close()
    await postgres.close()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const rateOf = ({ ms }: Batch): number => (1000 * ms.length) / (ms.at(-1) ?? Infinity)

function report(title: string, { alone, together, apart, queuedMemory }: LiveMeasured): void {
  print(`\n${title}`)
  reportBatch('about now', together, `goal ${GOAL.perSecond}`, `goal ${GOAL.evidenceKb} KB`)
  if (apart !== null) reportBatch('that share nothing', apart)
  print(`  one alone: p50 ${quantile(alone, 0.5)}, p95 ${quantile(alone, 0.95)} (${alone.length} sessions)`)
  print(`  memory of the assistant with the queue filled: ${queuedMemory === null ? 'not measured' : megabytes(queuedMemory)} (goal ${GOAL.memoryMb} MB)`) // prettier-ignore
}

function reportBatch(which: string, batch: Batch, ...goals: string[]): void {
  const [rateGoal = '', evidenceGoal = ''] = goals.map((goal) => ` (${goal})`)
  const cpuMs = [...batch.cpu].map(([name, seconds]): [string, number] => [name, 1000 * seconds])
  const all = cpuMs.reduce((sum, [, ms]) => sum + ms, 0)
  print(`  ${batch.ms.length} sessions at once ${which}: ${rateOf(batch).toFixed(2)} a second${rateGoal}; p50 ${quantile(batch.ms, 0.5)}, p95 ${quantile(batch.ms, 0.95)}; ${JSON.stringify(batch.statuses)}`) // prettier-ignore
  print(`    CPU ms a session: ${all.toFixed(0)} (${cpuMs.map(([name, ms]) => `${name} ${ms.toFixed(0)}, ${((100 * ms) / all).toFixed(0)} %`).join('; ')})`) // prettier-ignore
  print(`    other processes took ${(100 * batch.others).toFixed(0)} % of the machine; by CPU time alone, its ${availableParallelism()} cores carry ${((1000 * availableParallelism()) / all).toFixed(1)} a second`) // prettier-ignore
  print(`    evidence ${kilobytes(batch.evidenceBytes)} a session${evidenceGoal}; database ${kilobytes(batch.databaseBytes)}, WAL ${kilobytes(batch.walBytes)}; memory of the assistant ${megabytes(batch.memory)}`) // prettier-ignore
}

const quantile = (of: readonly number[], share: number): string =>
  `${((of[Math.floor(share * of.length)] ?? NaN) / 1000).toFixed(2)} s`
const kilobytes = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`
