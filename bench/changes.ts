/**
 * `node bench/changes.ts [--cases N] [--output FILE]`: diagnoses generated incidents of the side that may be looked at, stores the signs of their changes in
 * `bench/confidence/change-signs.csv`, fits the model of which change did it, and prints its figures on each family with a model fitted on the others.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { conclude } from '../analysis/diagnose.ts'
import { count, readArguments } from './arguments.ts'
import { figuresOf } from './confidence/change-figures.ts'
import { type Choice, fitChanges } from './confidence/change-model.ts'
import { choicesAsCsv } from './confidence/change-signs.ts'
import { incidentOf } from './generated/incident.ts'

const USAGE = `usage: node bench/changes.ts [--cases N] [--output FILE]

  --cases N      generated incidents to draw (default: 330)
  --output FILE  where to store the signs (default: bench/confidence/change-signs.csv)`
const { values } = readArguments(USAGE, { options: { cases: { type: 'string', default: '330' }, output: { type: 'string', default: join(import.meta.dirname, 'confidence/change-signs.csv') } } }) // prettier-ignore

/** Larger systems take too long for what they add. */
const LARGEST = 60

const byFamily = new Map<string, Map<string, Choice>>()
for (let seed = 0; seed < count(USAGE, '--cases', values.cases); seed++) {
  const { id, family, truth, guilty, services, observations } = incidentOf('looked_at', seed)
  if (truth === null || observations.changes.length === 0 || services > LARGEST) continue
  const possible = (conclude(observations).weighed ?? []).flatMap(({ change, signs }) => (signs === null ? [] : [{ id: change.id, signs }])) // prettier-ignore
  if (possible.length === 0) continue
  const at = possible.findIndex((one) => one.id === guilty)
  const choices = byFamily.get(family.shape) ?? new Map<string, Choice>()
  byFamily.set(family.shape, choices.set(id, { changes: possible.map(({ signs }) => signs), guilty: at === -1 ? null : at })) // prettier-ignore
}
writeFileSync(values.output, choicesAsCsv(byFamily))

const families = [...byFamily].map(([name, choices]) => ({ name, choices: [...choices.values()] }))
console.log('fitted on all', fitChanges(families.map(({ choices }) => choices)))
for (const { name, choices } of families) {
  const others = families.filter((one) => one.name !== name).map((one) => one.choices)
  console.log(name, 'left out', figuresOf(choices, fitChanges(others)))
}
