/** The data that the model of which change did it was fitted on: per change that could have, its signs and whether it did, from generated incidents. */
import { parse } from 'csv-parse/sync'
import type { Choice } from './change-model.ts'

const HEADER = 'family,case,guilty,service,timing'

/** One line per change; incidents without a possible change teach nothing. */
export const choicesAsCsv = (byFamily: ReadonlyMap<string, ReadonlyMap<string, Choice>>): string =>
  [
    HEADER,
    ...[...byFamily].flatMap(([family, choices]) =>
      [...choices].flatMap(([id, { changes, guilty }]) =>
        changes.map(({ service, timing }, at) =>
          [family, id, at === guilty ? 1 : 0, service.toFixed(3), timing.toFixed(3)].join(','),
        ),
      ),
    ),
    '',
  ].join('\n')

export function readChoices(text: string): Map<string, Choice[]> {
  const rows: string[][] = parse(text, { from_line: 2 })
  const choiceOf = (changes: readonly string[][]): Choice => {
    const guilty = changes.findIndex(([, , did]) => did === '1')
    return {
      changes: changes.map(([, , , service, timing]) => ({ service: Number(service), timing: Number(timing) })),
      guilty: guilty === -1 ? null : guilty,
    }
  }
  return new Map(
    [...Map.groupBy(rows, ([family = '']) => family)].map(([family, ones]) => [
      family,
      [...Map.groupBy(ones, ([, id = '']) => id).values()].map(choiceOf),
    ]),
  )
}
