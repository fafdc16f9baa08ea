/** The project's own recordings, `test/scenarios/<name>/`, with the answers in `bench/truth/<name>.json`, which nothing but scorers opens. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readRecording } from '../../recording/read.ts'
import type { EvaluationCase, EvaluationSet, Expected } from '../rankings/cases.ts'

const TRUTHS = join(import.meta.dirname, '../truth')

export interface Truth {
  root_causes: { service: string; kind?: string }[]
  expected?: Expected
}

export async function scenarios(root: string): Promise<EvaluationSet> {
  const names = readdirSync(TRUTHS).map((file) => file.replace(/\.json$/, ''))
  const cases = await Promise.all(
    names.sort().map(async (name): Promise<EvaluationCase> => {
      const { observations } = await readRecording(join(root, name))
      const truth = JSON.parse(readFileSync(join(TRUTHS, `${name}.json`), 'utf8')) as Truth
      const [cause] = truth.root_causes
      return {
        system: 'own recordings',
        group: 'own recordings',
        id: name,
        ...(cause?.kind === undefined ? {} : { kind: cause.kind }),
        ...(truth.expected === undefined ? {} : { expected: truth.expected }),
        truth: cause?.service ?? null,
        front: observations.alert?.service ?? 'frontend',
        observations: () => observations,
      }
    }),
  )
  return { name: 'own recordings', cases }
}
