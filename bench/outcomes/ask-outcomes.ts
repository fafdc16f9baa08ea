/** Asks about incidents in a thread: generated ones of a range of seeds, on both sides, or those of a public set. */
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { sideOf } from '../division.ts'
import { incidentOf } from '../generated/incident.ts'
import { rootCauseBench } from '../sets/root-cause-bench.ts'
import { GENERATED, type Outcome, outcomeOf } from './outcome.ts'

/** Public sets of incidents with changes. */
export const incidentSets = { 'root-cause-bench': rootCauseBench } as const

export type IncidentSet = keyof typeof incidentSets

export type Question = { set: typeof GENERATED; from: number; to: number } | { set: IncidentSet; root: string }

const SIDES = ['left_out', 'looked_at'] as const

export function generatedOutcomes(from: number, to: number): Outcome[] {
  const seeds = Array.from({ length: to - from }, (_, at) => from + at)
  return SIDES.flatMap((side) =>
    seeds.map((seed) => {
      const { family, kind, truth, guilty, front, observations } = incidentOf(side, seed)
      const asked = { set: GENERATED, side, group: family.name, kind, truth, guilty, front }
      return outcomeOf({ ...asked, observations: () => observations }, seed)
    }),
  )
}

async function publicOutcomes(set: IncidentSet, root: string): Promise<Outcome[]> {
  const { cases } = await incidentSets[set](root)
  return cases.map((one, seed) => outcomeOf({ ...one, set, side: sideOf(set) }, seed))
}

if (!isMainThread) {
  const question = workerData as Question
  parentPort?.postMessage(question.set === GENERATED ? generatedOutcomes(question.from, question.to) : await publicOutcomes(question.set, question.root)) // prettier-ignore
}
