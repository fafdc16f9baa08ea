import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { diagnose } from '../../analysis/diagnose.ts'
import { verdictWithDeployment, withChanges } from '../../bench/rankings/with-changes.ts'
import { readRecording } from '../../recording/read.ts'

const recorded = async (name: string) => (await readRecording(join(import.meta.dirname, '../scenarios', name))).observations // prettier-ignore
const asked = (names: readonly string[], question: Parameters<(typeof withChanges)[string]>[0]) =>
  names.map((name) => withChanges[name]?.(question))

describe('deployments that never happened', () => {
  it('do not get an innocent service blamed, and are named if they are at fault', async () => {
    const observations = { ...(await recorded('shop-01')), changes: [] }
    const question = { observations, truth: 'cart', verdict: diagnose(observations), seed: 1 }
    expect(asked(Object.keys(withChanges), question)).toEqual([1, 1, 1, 1, 1])
    expect(asked(['its own change named'], { ...question, truth: 'payment' })).toEqual([null])
  })

  it('cause no incident in a quiet window', async () => {
    const quiet = await recorded('shop-02')
    expect([1, 2, 3, 4].map((seed) => verdictWithDeployment(quiet, seed))).toEqual(Array(4).fill('nothing_wrong'))
  })
})
