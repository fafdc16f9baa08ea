/**
 * `npm run lab-days -- [--seeds N] [--first SEED]`: simulates bad days of the lab, diagnoses each, also with one source taken away, and prints the
 * verdicts by kind of day. Exits with 1 on any false all-clear, and on any all-clear without a source.
 */
import { diagnose } from '../analysis/diagnose.ts'
import { count as countOf, readArguments } from './arguments.ts'
import { judged, type Judgement } from './outages/days.ts'
import { LAB_DAYS, labDayOf, observationsOf, replayed, SOURCES, takenAway } from './outages/lab-days.ts'

const USAGE = `usage: npm run lab-days -- [--seeds N] [--first SEED]

  --seeds N     days of each kind (default: 25)
  --first SEED  seed of the first (default: 1)`
const { values } = readArguments(USAGE, { options: { seeds: { type: 'string', default: '25' }, first: { type: 'string', default: '1' } } }) // prettier-ignore
const first = countOf(USAGE, '--first', values.first, 0)
const seeds = Array.from({ length: countOf(USAGE, '--seeds', values.seeds) }, (_, index) => first + index)

let cleared = 0
const unseen = new Map<string, number>()
for (const kind of Object.keys(LAB_DAYS)) {
  const counts = new Map<Judgement | 'another phase', number>()
  const count = (one: Judgement | 'another phase'): void => void counts.set(one, (counts.get(one) ?? 0) + 1)
  for (const seed of seeds) {
    const day = labDayOf(kind, seed)
    const known = observationsOf(day, await replayed(day, seed))
    const verdict = diagnose(known)
    const said = judged(verdict, day.truth)
    count(said)
    if (said === 'right' && verdict.phase !== day.phase) count('another phase')
    if (said === 'false all-clear') cleared += 1
    if (said !== 'right') console.error(`${kind} | ${seed} | ${day.outages.map(({ service, fault }) => `${service} ${fault}`).join(', ')} | ${said}: ${verdict.rootCauses[0]?.service} (${verdict.phase}) ${verdict.confidence.toFixed(2)}`) // prettier-ignore
    const source = SOURCES[seed % SOURCES.length]!
    const without = takenAway(known, source)
    const blind = without.verdict === 'nothing_wrong' ? 'all-clear' : judged(without, day.truth)
    unseen.set(`${source}: ${blind}`, (unseen.get(`${source}: ${blind}`) ?? 0) + 1)
    if (blind === 'all-clear') cleared += 1
    if (blind !== 'right' && blind !== 'left open') console.error(`${kind} | ${seed} | without ${source} | ${blind}: ${without.rootCauses[0]?.service} ${without.confidence.toFixed(2)}`) // prettier-ignore
  }
  console.log(`${kind}: ${[...counts].map(([said, number]) => `${said} ${number}`).join(', ')}`)
}
console.log(
  `without a source: ${[...unseen]
    .sort()
    .map(([said, number]) => `${said} ${number}`)
    .join(', ')}`,
)
console.log(`${cleared} false all-clears in ${seeds.length * Object.keys(LAB_DAYS).length} days`)
process.exitCode = cleared === 0 ? 0 : 1
