/**
 * `node bench/changes.ts [--cases N] [--output DIR]`: diagnoses generated incidents of the side that may be looked at, and stores in `bench/confidence` what
 * both models are fitted on: `generated-signs.csv` (the confidence) and `change-signs.csv` (which change did it). Fits the second, and prints its figures
 * on each family with a model fitted on the others.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude } from '../analysis/diagnose.ts'
import { count, readArguments } from './arguments.ts'
import { figuresOf } from './confidence/change-figures.ts'
import { type Choice, fitChanges } from './confidence/change-model.ts'
import { choicesAsCsv } from './confidence/change-signs.ts'
import type { Judged } from './confidence/calibration.ts'
import { signsAsCsv } from './confidence/signs.ts'
import { incidentOf } from './generated/incident.ts'

const USAGE = `usage: node bench/changes.ts [--cases N] [--output DIR]

  --cases N     generated incidents to draw (default: 400)
  --output DIR  where to store the signs (default: bench/confidence)`
const { values } = readArguments(USAGE, { options: { cases: { type: 'string', default: '400' }, output: { type: 'string', default: join(import.meta.dirname, 'confidence') } } }) // prettier-ignore

/** Larger systems take too long for what they add. */
const LARGEST = 60

const judged = new Map<string, Judged[]>()
const byFamily = new Map<string, Map<string, Choice>>()
for (let seed = 0; seed < count(USAGE, '--cases', values.cases); seed++) {
  const { id, family, truth, guilty, services, observations } = incidentOf('looked_at', seed)
  if (services > LARGEST) continue
  const { verdict, signs, weighed = [] } = conclude(observations)
  const right = verdict.verdict === 'nothing_wrong' ? truth === null : truth !== null && verdict.rootCauses[0]?.service === truth // prettier-ignore
  judged.set(family.shape, [...(judged.get(family.shape) ?? []), { signs, right, weight: 1 }])
  if (truth === null || observations.changes.length === 0) continue
  const possible = weighed.flatMap(({ change, signs }) => (signs === null ? [] : [{ id: change.id, signs }])) // prettier-ignore
  if (possible.length === 0) continue
  const at = possible.findIndex((one) => one.id === guilty)
  const choices = byFamily.get(family.shape) ?? new Map<string, Choice>()
  byFamily.set(family.shape, choices.set(id, { changes: possible.map(({ signs }) => signs), guilty: at === -1 ? null : at })) // prettier-ignore
}
writeFileSync(join(values.output, 'generated-signs.csv'), signsAsCsv(judged))
writeFileSync(join(values.output, 'change-signs.csv'), choicesAsCsv(byFamily))

const families = [...byFamily].map(([name, choices]) => ({ name, choices: [...choices.values()] }))
console.log('fitted on all', fitChanges(families.map(({ choices }) => choices)))
for (const { name, choices } of families) {
  const others = families.filter((one) => one.name !== name).map((one) => one.choices)
  console.log(name, 'left out', figuresOf(choices, fitChanges(others)))
}
