/** `npm run bench -- --postmortem`: how long a report takes, and what one of very many events costs. */
import { availableParallelism, cpus } from 'node:os'
import { count, readArguments } from './arguments.ts'
import { measureIncidents } from './postmortem/incidents.ts'
import { measureLarge } from './postmortem/large.ts'

const USAGE = `usage: npm run bench -- --postmortem [--reports N]

  --reports N  of each incident, one after the other (default: 50)`

const GOAL = { p50: 300, ms: 2000, memoryMb: 200 }
const print = (line: string) => process.stdout.write(`${line}\n`)
const middle = (ms: readonly number[]): number => ms[Math.floor(ms.length / 2)]!

export async function postmortem(): Promise<void> {
  const { values } = readArguments(USAGE, {
    options: {
      postmortem: { type: 'boolean' },
      reports: { type: 'string', default: '50' },
    },
  })
  const reports = count(USAGE, '--reports', values.reports)
  print(`${availableParallelism()} cores (${cpus()[0]!.model}), PostgreSQL 18 beside, all agents in one process`)
  const { reports: measured, refused } = await measureIncidents(reports)
  print(`a request refused at once, from request to answer: p50 ${middle(refused).toFixed(0)} ms (${refused.length})`)
  for (const { name, ms } of measured)
    print(`a report of ${name}, beyond the tools: p50 ${middle(ms).toFixed(0)} ms (goal ${GOAL.p50}), ${(middle(ms) / middle(refused)).toFixed(2)} of that (${ms.length})`) // prettier-ignore
  const large = await measureLarge()
  print(`\n${large.events} events of one incident, ${large.megabytes.toFixed(0)} MB of answers`)
  print(`  reading and parsing them, nothing else: ${large.readMs.toFixed(0)} ms, ${mb(large.readMemory)} MB of memory`)
  print(`  the report: ${large.ms.toFixed(0)} ms (goal ${GOAL.ms}), ${(large.ms / large.readMs).toFixed(2)} of that; ${mb(large.memory)} MB (goal ${GOAL.memoryMb}), ${mb(large.idle)} before it began`) // prettier-ignore
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(0)
