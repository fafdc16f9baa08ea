/**
 * `npm run bench -- --anomalies --quality`: how often something is announced where nothing is wrong, how early where something is, and how well it is foretold when
 * something is full.
 */
import { count, readArguments, refuse } from './arguments.ts'
import type { Side } from './division.ts'
import { median, quantileOf } from '../analysis/metrics/robust.ts'
import { type FaultRun, faultRun, GUILTY, INNOCENT } from './quality/faults.ts'
import { errorsOf, falseAWeek } from './quality/full.ts'
import { all, type Quiet, quietLab, quietMinutes, quietPetshop, quietSystem } from './quality/quiet.ts'
import { FILLING, NEVER } from './quality/resources.ts'

const PARTS = ['lab', 'systems', 'sets', 'faults', 'resources'] as const
const USAGE = `usage: npm run bench -- --anomalies --quality [--part PART]... [--hours N] [--systems N] [--seeds N] [--first SEED] [--data DIR]

  --part PART  measure this only: ${PARTS.join(', ')}
  --hours N    of the lab, and of each generated system (default: 24)
  --systems N  generated, of each side (default: 8)
  --seeds N    of each fault and each kind of resource (default: 5)
  --first SEED of the first (default: 1)
  --data DIR   the public sets; without it, they are not measured`
const SIDES: readonly Side[] = ['looked_at', 'left_out']
const GOAL = { falseAWeek: 1, early: 0.8, delayS: 30, error: 0.2 }
const print = (line: string) => process.stdout.write(`${line}\n`)
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`

export async function quality(): Promise<void> {
  const { values } = readArguments(USAGE, {
    options: {
      anomalies: { type: 'boolean' },
      quality: { type: 'boolean' },
      part: { type: 'string', multiple: true },
      hours: { type: 'string', default: '24' },
      systems: { type: 'string', default: '8' },
      seeds: { type: 'string', default: '5' },
      first: { type: 'string', default: '1' },
      data: { type: 'string' },
    },
  })
  const parts: readonly string[] = values.part ?? PARTS
  for (const part of parts) if (!PARTS.some((one) => one === part)) refuse(USAGE, `there is no part '${part}'`)
  const [hours, systems, seeds] = [
    count(USAGE, '--hours', values.hours),
    count(USAGE, '--systems', values.systems),
    count(USAGE, '--seeds', values.seeds),
  ]
  const first = count(USAGE, '--first', values.first, 0)
  if (parts.includes('lab')) print(falseIn(`the lab, ${hours} h`, await quietLab(hours, first)))
  if (parts.includes('systems')) printSystems(systems, first, hours)
  if (parts.includes('sets') && values.data !== undefined) printSets(values.data)
  if (parts.includes('faults')) await printFaults(seedsFrom(first, seeds))
  if (parts.includes('resources')) printResources(seedsFrom(first, seeds))
}

const falseIn = (where: string, { serviceWeeks, anomalies, forecasts }: Quiet): string =>
  `false announcements in ${where}: ${((anomalies + forecasts) / serviceWeeks).toFixed(2)} a service and week (goal ${GOAL.falseAWeek}): ${anomalies} anomalies and ${forecasts} forecasts in ${serviceWeeks.toFixed(1)} weeks of a service` // prettier-ignore

const seedsFrom = (first: number, seeds: number): number[] => Array.from({ length: seeds }, (_, at) => first + at)

function printSystems(systems: number, first: number, hours: number): void {
  for (const side of SIDES) {
    const quiet = seedsFrom(first, systems).map((seed) => quietSystem(side, seed, hours))
    print(falseIn(`${systems} generated systems, ${hours} h of each, ${worded(side)}`, all(quiet)))
    for (const [family, members] of Map.groupBy(quiet, (one) => one.family)) print(`  ${falseIn(family, all(members))}`)
  }
}

const worded = (side: Side): string => side.replace('_', ' ')

function printSets(data: string): void {
  print(falseIn('petshop, undisturbed', quietPetshop(data)))
  const minutes = quietMinutes(data)
  for (const side of SIDES) {
    const members = minutes.filter((one) => one.side === side)
    const sum = (of: (one: (typeof members)[number]) => number): number => members.reduce((total, one) => total + of(one), 0) // prettier-ignore
    print(falseIn(`wsd outside of its labels, ${worded(side)}`, all(members)))
    print(`  announced: ${sum(({ announced }) => announced)} of ${sum(({ spans }) => spans)} labelled spans`)
  }
}

async function printFaults(seeds: readonly number[]): Promise<void> {
  const runs: FaultRun[] = []
  for (const fault of GUILTY) {
    const own: FaultRun[] = []
    for (const seed of seeds) own.push(await faultRun(fault, seed))
    print(`  ${earlyIn(fault, own)}`)
    const full = own.flatMap(({ full: one }) => one ?? [])
    if (full.length > 0) print(`    full after ${seconds(full.map(({ lengthMs }) => lengthMs))}; ${foretold(full.map(({ error }) => error))}`) // prettier-ignore
    runs.push(...own)
  }
  for (const innocent of INNOCENT) {
    let announced = 0
    for (const seed of seeds) if ((await faultRun(innocent, seed)).announced !== null) announced += 1
    print(`  ${innocent}, which is none: announced in ${announced} of ${seeds.length}`)
  }
  print(`${earlyIn('faults of the lab', runs)} (goals ${percent(GOAL.early)}, ${GOAL.delayS} s)`)
  print(`  announced in the ten minutes before: ${runs.reduce((sum, { before }) => sum + before, 0)}`)
}

const seconds = (ms: readonly number[]): string => `${(median(ms) / 1000).toFixed(0)} s`

function earlyIn(name: string, runs: readonly FaultRun[]): string {
  const isEarly = ({ announced, alerted }: FaultRun): boolean => announced !== null && (alerted === null || announced < alerted) // prettier-ignore
  const [announced, alerted] = [runs.flatMap((one) => one.announced ?? []), runs.flatMap((one) => one.alerted ?? [])]
  const after = (times: readonly number[]): string => `${times.length}${times.length === 0 ? '' : ` after ${seconds(times)}`}` // prettier-ignore
  return `${name}: ${percent(runs.filter(isEarly).length / runs.length)} announced before the rule fires; of ${runs.length}, announced ${after(announced)}, fired ${after(alerted)}` // prettier-ignore
}

function printResources(seeds: readonly number[]): void {
  for (const side of SIDES) {
    const errors: (number | null)[] = []
    for (const kind of FILLING.filter((one) => one.side === side)) {
      const own = errorsOf(kind, seeds)
      print(`  ${kind.name}: ${foretold(own)}`)
      errors.push(...own)
    }
    print(`time until full at half of the way, ${worded(side)}: ${foretold(errors)} (goal ${percent(GOAL.error)})`)
    for (const kind of NEVER.filter((one) => one.side === side))
      print(`  ${kind.name}: ${falseAWeek(kind, seeds).toFixed(2)} false forecasts a week`)
  }
}

/** `errors`: null: nothing was foretold. */
function foretold(errors: readonly (number | null)[]): string {
  const known = errors.flatMap((error) => error ?? [])
  if (known.length === 0) return `none of ${errors.length} foretold`
  return `${known.length} of ${errors.length} foretold, error ${percent(median(known))} (median), ${percent(quantileOf(known, 0.9))} (nine of ten)` // prettier-ignore
}
