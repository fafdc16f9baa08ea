/**
 * Made-up incidents with changes (edgedelta/root-cause-bench, Apache-2.0): folders that are recordings, and `truth.json` with the first failing service,
 * the guilty change or `none`, and the changes that look guilty but are not.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../recording/read.ts'
import type { EvaluationCase, EvaluationSet } from '../rankings/cases.ts'

interface Truth {
  /** the id of the guilty change, or `none` */
  commit: string
  service: string
}

const SYSTEM = 'root-cause-bench'

export async function rootCauseBench(root: string): Promise<EvaluationSet> {
  const truths = JSON.parse(readFileSync(join(root, 'truth.json'), 'utf8')) as Record<string, Truth>
  const cases = Object.entries(truths).map(async ([id, { commit, service }]): Promise<EvaluationCase> => {
    const { observations } = await readRecording(join(root, id))
    return {
      system: SYSTEM,
      group: SYSTEM,
      id,
      truth: service,
      guilty: commit === 'none' ? null : commit,
      front: observations.alert?.service ?? service,
      observations: () => observations,
    }
  })
  return { name: SYSTEM, cases: await Promise.all(cases) }
}
