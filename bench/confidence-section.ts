/** The page's part about confidence: as said, as with constants of the other systems, and as it came true. */
import { MODEL } from '../analysis/ranking/confidence.ts'
import { binsOf, fitConfidence, type Judged, leaveOneSystemOut } from './calibration.ts'
import { type Answer, ENGINE } from './evaluate.ts'
import { shown, table } from './cells.ts'

/** Faulted windows, and fault-free ones in which the engine blamed somebody: then it is wrong whoever that was. */
export function judgedOf(answers: readonly Answer[]): Map<string, Judged[]> {
  const asked = answers.filter(
    ({ system, truth, verdict }) => system !== 'own recordings' && (truth !== null || verdict !== 'nothing_wrong'),
  )
  return new Map(
    [...Map.groupBy(asked, ({ system }) => system)].map(([system, members]) => [
      system,
      members.map(({ signs, ranks }) => ({ signs, right: ranks.get(ENGINE) === 1 })),
    ]),
  )
}

export function confidenceSection(answers: readonly Answer[]): string {
  const judged = judgedOf(answers)
  const systems = leaveOneSystemOut(judged)
  const bins = binsOf(systems)
  const rows = systems.map(({ system, count, said, leftOut, floor }) => [
    system,
    `${count}`,
    ...[leftOut.brier, leftOut.error, floor, said.brier, said.error].map(shown),
  ])
  const { intercept, lead, chance } = fitConfidence([...judged.values()])
  const constants = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(', ')
  return [
    'How often rank 1 is right when the engine says how probable that is. Left out: with constants fitted on the other three systems, which is what a new system may expect; the choice of the two signs was made on all four. In sample: with the constants in the code. Chance: the calibration error that even perfect probabilities show in so few answers. An answer that nothing is wrong has the confidence 0.',
    table(
      ['system', 'answers', 'Brier, left out', 'calibration error, left out', 'chance', 'Brier, in sample', 'calibration error, in sample'], // prettier-ignore
      rows,
    ),
    `Constants (intercept, lead, chance): ${constants([MODEL.intercept, MODEL.lead, MODEL.chance])} in \`analysis/ranking/confidence.ts\`, ${constants([intercept, lead, chance])} as this run fits them.`,
    ...(bins.length === 0
      ? []
      : [
          table(['said, left out', 'came true', 'answers'], bins.map(({ said, was, count }) => [shown(said), shown(was), `${count}`])), // prettier-ignore
          [
            '```mermaid',
            'xychart-beta',
            '  title "said, left out (bars) and come true (line), in bins of equal count"',
            `  x-axis [${bins.map((_, index) => index + 1).join(', ')}]`,
            '  y-axis "probability" 0 --> 1',
            `  bar [${bins.map(({ said }) => said.toFixed(2)).join(', ')}]`,
            `  line [${bins.map(({ was }) => was.toFixed(2)).join(', ')}]`,
            '```',
          ].join('\n'),
        ]),
  ].join('\n\n')
}
