/** The page's section on confidence: as stated, as stated with the constants of the other systems, and how often it was right. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { division } from '../division.ts'
import { MODELS } from '../../analysis/ranking/confidence.ts'
import {
  binsOf,
  fitConfidence,
  type Judged,
  leaveOneSystemOut,
  type SystemCalibration,
} from '../confidence/calibration.ts'
import { readSigns } from '../confidence/signs.ts'
import { type Answer, ENGINE } from '../rankings/evaluate.ts'
import { shown, table } from './cells.ts'
import { binsOfWidth } from '../rankings/measures.ts'

/** All answers except those on our own recordings. Questions about one case share its weight. */
export function judgedOf(answers: readonly Answer[]): Map<string, Judged[]> {
  const asked = answers.filter(({ system }) => system !== 'own recordings')
  return new Map(
    [...Map.groupBy(asked, ({ system }) => system)].map(([system, members]) => {
      const cases = Map.groupBy(members, caseOf)
      return [
        system,
        members.map((one) => ({ signs: one.signs, right: isRight(one), weight: 1 / cases.get(caseOf(one))!.length })), // prettier-ignore
      ]
    }),
  )
}

/** Whether constants may be fitted on it. */
export const isLookedAt = (system: string): boolean => division[system]?.side !== 'left_out'

const caseOf = ({ id, truth }: Answer): string => `${truth === null ? 'quiet' : 'faulted'} ${id}`
const isRight = ({ truth, verdict, ranks }: Answer): boolean =>
  verdict === 'nothing_wrong' ? truth === null : ranks.get(ENGINE) === 1

/** Each on its own, with constants fitted on the others. Those include generated systems that may be looked at, whose answers are stored. */
export function leftOutOneByOne(answers: readonly Answer[]): SystemCalibration[] {
  return leaveOneSystemOut(systemsOf(answers), isLookedAt)
}

const systemsOf = (answers: readonly Answer[]): Map<string, Judged[]> =>
  new Map([...judgedOf(answers), ...readSigns(readFileSync(GENERATED_SIGNS, 'utf8'))])
const GENERATED_SIGNS = join(import.meta.dirname, '../confidence/generated-signs.csv')

export function confidenceSection(answers: readonly Answer[]): string {
  const judged = systemsOf(answers)
  const systems = leftOutOneByOne(answers)
  const bins = binsOf(systems)
  const rows = systems.map(({ system, count, said, leftOut, floor }) => [
    system,
    `${count}`,
    ...[leftOut.brier, leftOut.error, leftOut.errorByCount, floor, said.brier, said.error].map(shown),
  ])
  const fitted = fitConfidence([...judged].filter(([system]) => isLookedAt(system)).map(([, own]) => own)) // prettier-ignore
  const constants = (model: object): string => Object.values(model).map((value) => Number(value).toFixed(3)).join(', ') // prettier-ignore
  return [
    'How the stated confidence compares with how often the answer is right: the first cause is the true one or, for `nothing_wrong`, nothing is wrong. All windows count, faulted and fault-free; questions about the same case share the weight of one (sock-shop has three questions per fault, Nezha two). Left out: with constants fitted on the other systems. Two things are not left out: the features were chosen while looking at these systems, and how the length and evenness of the baseline count for `nothing_wrong` was fitted on the four public sets, nezha-online-boutique among them; no other constant is fitted on that one. The last four are generated. In sample: with the constants in the code. Chance: the calibration error that even perfect probabilities would show with so few answers. Most publications use ten bins of equal width; with so few answers most of those are nearly empty, so bins of equal count are shown as well.',
    table(
      ['system', 'answers', 'Brier, left out', 'calibration error, left out, equal width', 'equal count', 'chance', 'Brier, in sample', 'calibration error, in sample'], // prettier-ignore
      rows,
    ),
    'The same by kind of answer, with the constants of the other systems:',
    table(['system', 'answer', 'answers', 'said', 'came true'], systems.flatMap(byAnswer(judged))),
    `Constants for an answer that names a cause (intercept, lead, near): ${constants(MODELS.blame)} in \`analysis/ranking/confidence.ts\`, ${constants(fitted.blame)} as this run fits them; for \`nothing_wrong\` (intercept, history, unrest, most): ${constants(MODELS.nothing)}, and ${constants(fitted.nothing)}.`,
    ...(bins.length === 0
      ? []
      : [
          table(['said, left out', 'came true', 'answers'], bins.map(({ said, was, count }) => [shown(said), shown(was), `${count}`])), // prettier-ignore
          [
            '```mermaid',
            'xychart-beta',
            '  title "said, left out (bars) and come true (line), in bins of equal width"',
            `  x-axis [${bins.map((_, index) => index + 1).join(', ')}]`,
            '  y-axis "probability" 0 --> 1',
            `  bar [${bins.map(({ said }) => said.toFixed(2)).join(', ')}]`,
            `  line [${bins.map(({ was }) => was.toFixed(2)).join(', ')}]`,
            '```',
          ].join('\n'),
        ]),
  ].join('\n\n')
}

/** Mean stated confidence and share of right answers, separately for answers that name a cause and for `nothing_wrong`. */
const byAnswer =
  (judged: ReadonlyMap<string, readonly Judged[]>) =>
  ({ system, forecasts }: SystemCalibration): string[][] =>
    [true, false].flatMap((blames) => {
      const own = forecasts.filter((_, index) => judged.get(system)?.[index]?.signs?.blames === blames)
      const [bin] = own.length === 0 ? [] : binsOfWidth(own, 1)
      return bin === undefined ? [] : [[system, blames ? 'somebody is blamed' : 'nothing is wrong', `${bin.count}`, shown(bin.said), shown(bin.was)]] // prettier-ignore
    })
