/**
 * The data the confidence's constants were fitted on: the features of each answer, and whether it was right. `signs.csv` holds the public sets that may be
 * looked at (`npm run eval`), `generated-signs.csv` the generated systems (`node bench/changes.ts`).
 */
import { parse } from 'csv-parse/sync'
import type { Judged } from './calibration.ts'

const HEADER = 'system,answer,lead,near,history,unrest,right,weight'

/** One line per answer; without features if nothing could be compared. */
export function signsAsCsv(bySystem: ReadonlyMap<string, readonly Judged[]>): string {
  const lines = [...bySystem].flatMap(([system, judged]) =>
    judged.map(({ signs, right, weight }) => {
      const told = signs === null ? ['', '', '', '', ''] : [signs.blames ? 'blame' : 'nothing', ...[signs.lead, signs.near, signs.history, signs.unrest].map((one) => one.toFixed(4))] // prettier-ignore
      return [system, ...told, right ? 1 : 0, Number(weight.toFixed(4))].join(',')
    }),
  )
  return `${[HEADER, ...lines].join('\n')}\n`
}

export function readSigns(text: string): Map<string, Judged[]> {
  const rows: string[][] = parse(text, { from_line: 2 })
  return new Map(
    [...Map.groupBy(rows, ([system = '']) => system)].map(([system, ones]) => [
      system,
      ones.map(([, answer = '', lead = '', near = '', history = '', unrest = '', right, weight]) => ({
        signs:
          answer === ''
            ? null
            : {
                blames: answer === 'blame',
                lead: Number(lead),
                near: Number(near),
                history: Number(history),
                unrest: Number(unrest),
              },
        right: right === '1',
        weight: Number(weight),
      })),
    ]),
  )
}
