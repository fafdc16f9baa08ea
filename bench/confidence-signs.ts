/** What the constants of the confidence were fitted on: the signs of each answer on the public sets, and whether rank 1 was right. */
import { parse } from 'csv-parse/sync'
import type { Judged } from './calibration.ts'

const HEADER = 'system,lead,chance,right'

/** One line an answer; without signs where nobody was blamed. */
export function signsAsCsv(bySystem: ReadonlyMap<string, readonly Judged[]>): string {
  const lines = [...bySystem].flatMap(([system, judged]) =>
    judged.map(({ signs, right }) =>
      [system, signs?.lead.toFixed(4) ?? '', signs?.chance.toFixed(4) ?? '', right ? 1 : 0].join(','),
    ),
  )
  return `${[HEADER, ...lines].join('\n')}\n`
}

export function readSigns(text: string): Map<string, Judged[]> {
  const rows: string[][] = parse(text, { from_line: 2 })
  return new Map(
    [...Map.groupBy(rows, ([system = '']) => system)].map(([system, ones]) => [
      system,
      ones.map(([, lead = '', chance = '', right]) => ({
        signs: lead === '' ? null : { lead: Number(lead), chance: Number(chance) },
        right: right === '1',
      })),
    ]),
  )
}
