/** `npm run bench -- --anomalies`: what watching many series costs, from OTLP bytes to what is concluded. */
import { availableParallelism, cpus } from 'node:os'
import { restart } from './anomalies/restarting.ts'
import { watch } from './anomalies/watching.ts'
import { count, readArguments } from './arguments.ts'

const USAGE = `usage: npm run bench -- --anomalies [--series N] [--steps N | --quality]

  --series N  watched at once (default: 100000)
  --steps N   measured, after those that teach (default: 10)
  --quality   what is announced and foretold instead; its options: --anomalies --quality --help`

/** The first forty steps of a series only teach it. */
const WARM = 42
const GOAL = { perSecond: 250_000, bytes: 6_000, rssMb: 600, restartS: 20 }
const print = (line: string) => process.stdout.write(`${line}\n`)
const thousands = (amount: number): string => Math.round(amount).toLocaleString('en')

export async function anomalies(): Promise<void> {
  const { values } = readArguments(USAGE, {
    options: {
      anomalies: { type: 'boolean' },
      series: { type: 'string', default: '100000' },
      steps: { type: 'string', default: '10' },
    },
  })
  const series = count(USAGE, '--series', values.series)
  const steps = count(USAGE, '--steps', values.steps)
  print(`${availableParallelism()} cores (${cpus()[0]!.model}), PostgreSQL 18 beside for the restart`)
  const { watcher, ...watched } = watch(series, WARM, steps)
  print(`${thousands(watched.series)} series, ${thousands(watched.points)} points`)
  print(`  decoded, nothing else: ${thousands(watched.decoded)} points a second of CPU time`)
  print(`  decoded and judged: ${thousands(watched.judged)} (goal ${thousands(GOAL.perSecond)}), ${(watched.judged / watched.decoded).toFixed(2)} of that`) // prettier-ignore
  print(`  memory: ${thousands(watched.bytes)} bytes a series (goal ${thousands(GOAL.bytes)}); the process ${thousands(watched.rss / 1e6)} MB (goal ${GOAL.rssMb})`) // prettier-ignore
  const { savedMs, readMs, knownMs } = await restart(watcher)
  print(`  stored in ${(savedMs / 1000).toFixed(1)} s; after a restart known again in ${(knownMs / 1000).toFixed(1)} s (goal ${GOAL.restartS}), ${(knownMs / readMs).toFixed(0)} times reading the rows`) // prettier-ignore
}
