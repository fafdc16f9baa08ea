/** The model of which change did it: its constants follow from the stored signs, and fitting finds what the data were drawn with. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CHANGE_MODEL, type ChangeModel, oddsOf } from '../../analysis/ranking/change-shares.ts'
import { figuresOf } from '../../bench/confidence/change-figures.ts'
import { type Choice, fitChanges } from '../../bench/confidence/change-model.ts'
import { choicesAsCsv, readChoices } from '../../bench/confidence/change-signs.ts'
import { randomFrom } from '../../bench/rankings/measures.ts'

const stored = readChoices(readFileSync('bench/confidence/change-signs.csv', 'utf8'))

it('has the constants in the code that follow from the stored signs', () => {
  const fitted = fitChanges([...stored.values()])
  for (const term of ['intercept', 'service', 'timing'] as const)
    expect(CHANGE_MODEL[term], term).toBeCloseTo(fitted[term], 2)
})

it('finds the model that the choices were drawn with', () => {
  const truth: ChangeModel = { intercept: -1, service: 0.8, timing: 0.5 }
  const random = randomFrom(7)
  const drawn = Array.from({ length: 4000 }, (): Choice => {
    const changes = Array.from({ length: 1 + Math.floor(random() * 4) }, () => ({
      service: -4 * random(),
      timing: 8 * random() - 2,
    }))
    const odds = [...changes.map((signs) => oddsOf(signs, truth)), 1]
    let left = random() * odds.reduce((sum, one) => sum + one, 0)
    const chosen = odds.findIndex((one) => (left -= one) < 0)
    return { changes, guilty: chosen === changes.length ? null : chosen }
  })
  // the ridge is negligible beside many systems
  const fitted = fitChanges(Array.from({ length: 20 }, (_, at) => drawn.slice(at * 200, (at + 1) * 200)))
  for (const term of ['intercept', 'service', 'timing'] as const)
    expect(Math.abs(fitted[term] - truth[term]), term).toBeLessThan(0.15)
})

describe('the figures', () => {
  const model: ChangeModel = { intercept: 0, service: 1, timing: 1 }
  const sure = { service: 0, timing: 5 }
  const unlikely = { service: 0, timing: -5 }

  it('count the guilty change named, an innocent one blamed, and none said', () => {
    const choices: Choice[] = [
      { changes: [sure, unlikely], guilty: 0 },
      { changes: [sure, unlikely], guilty: 1 },
      { changes: [unlikely], guilty: null },
      { changes: [sure], guilty: null },
    ]
    expect(figuresOf(choices, model)).toMatchObject({ count: 4, guilty: 2, named: 1, blamed: 2, none: 1 })
  })

  it('count near-equal changes as neither', () => {
    expect(figuresOf([{ changes: [sure, sure], guilty: 0 }], model)).toMatchObject({ named: 0, blamed: 0, none: 0 })
  })
})

it('stores the signs so that they read back', () => {
  const choices = new Map([
    ['one', { changes: [{ service: -0.5, timing: 3.25 }, { service: -2, timing: 1 }], guilty: 1 }],
    ['two', { changes: [{ service: -1, timing: -4 }], guilty: null }],
  ]) // prettier-ignore
  expect([...readChoices(choicesAsCsv(new Map([['tree', choices]]))).entries()]).toEqual([['tree', [...choices.values()]]]) // prettier-ignore
})
