/** The page's part about confidence: as said, as with constants of the other systems, and as it came true. */
import { MODELS } from '../../analysis/ranking/confidence.ts'
import {
  binsOf,
  fitConfidence,
  type Judged,
  leaveOneSystemOut,
  type SystemCalibration,
} from '../confidence/calibration.ts'
import { type Answer, ENGINE } from '../rankings/evaluate.ts'
import { shown, table } from './cells.ts'
import { binsOfWidth } from '../rankings/measures.ts'

/** All answers but those on our own recordings. Several questions about one case share the weight of one. */
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

const caseOf = ({ id, truth }: Answer): string => `${truth === null ? 'quiet' : 'faulted'} ${id}`
const isRight = ({ truth, verdict, ranks }: Answer): boolean =>
  verdict === 'nothing_wrong' ? truth === null : ranks.get(ENGINE) === 1

export function confidenceSection(answers: readonly Answer[]): string {
  const judged = judgedOf(answers)
  const systems = leaveOneSystemOut(judged)
  const bins = binsOf(systems)
  const rows = systems.map(({ system, count, said, leftOut, floor }) => [
    system,
    `${count}`,
    ...[leftOut.brier, leftOut.error, leftOut.errorByCount, floor, said.brier, said.error].map(shown),
  ])
  const fitted = fitConfidence([...judged.values()])
  const constants = (model: object): string => Object.values(model).map((value) => Number(value).toFixed(3)).join(', ') // prettier-ignore
  return [
    'How often the answer is right when the engine says how probable that is: that the first cause is the cause or, of `nothing_wrong`, that nothing is wrong. All windows count, faulted and fault-free; questions about one case share the weight of one (sock-shop is asked three times of each fault, Nezha twice). Left out: with constants fitted on the other three systems, which is what a new system may expect; the choice of the signs was made on all four. In sample: with the constants in the code. Chance: the calibration error that even perfect probabilities show in so few answers. Most publications have ten bins of equal width; of so few answers most of these are nearly empty, so that bins of equal count stand beside them.',
    table(
      ['system', 'answers', 'Brier, left out', 'calibration error, left out, equal width', 'equal count', 'chance', 'Brier, in sample', 'calibration error, in sample'], // prettier-ignore
      rows,
    ),
    'The same by what was answered, with the constants of the other systems:',
    table(['system', 'answer', 'answers', 'said', 'came true'], systems.flatMap(byAnswer(judged))),
    `Constants of an answer that blames (intercept, lead, chance): ${constants(MODELS.blame)} in \`analysis/ranking/confidence.ts\`, ${constants(fitted.blame)} as this run fits them; of \`nothing_wrong\` (intercept, history, unrest): ${constants(MODELS.nothing)}, and ${constants(fitted.nothing)}.`,
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

/** Means of what was said and of what came true, of answers that blame and of those that do not. */
const byAnswer =
  (judged: ReadonlyMap<string, readonly Judged[]>) =>
  ({ system, forecasts }: SystemCalibration): string[][] =>
    [true, false].flatMap((blames) => {
      const own = forecasts.filter((_, index) => judged.get(system)?.[index]?.signs?.blames === blames)
      const [bin] = own.length === 0 ? [] : binsOfWidth(own, 1)
      return bin === undefined ? [] : [[system, blames ? 'somebody is blamed' : 'nothing is wrong', `${bin.count}`, shown(bin.said), shown(bin.was)]] // prettier-ignore
    })
