/** The project's own recordings: `scenarios/<name>/`, with the answer in `truth.json`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../recording/read.ts'
import type { EvaluationCase, EvaluationSet } from '../rankings/cases.ts'

interface Truth {
  root_causes: { service: string; kind?: string }[]
}

export async function scenarios(root: string): Promise<EvaluationSet> {
  const names = readdirSync(root).filter((name) => existsSync(join(root, name, 'truth.json')))
  const cases = await Promise.all(
    names.sort().map(async (name): Promise<EvaluationCase> => {
      const { observations } = await readRecording(join(root, name))
      const [cause] = (JSON.parse(readFileSync(join(root, name, 'truth.json'), 'utf8')) as Truth).root_causes
      return {
        system: 'own recordings',
        group: 'own recordings',
        id: name,
        ...(cause?.kind === undefined ? {} : { kind: cause.kind }),
        truth: cause?.service ?? null,
        front: observations.alert?.service ?? 'frontend',
        observations: () => observations,
      }
    }),
  )
  return { name: 'own recordings', cases }
}
