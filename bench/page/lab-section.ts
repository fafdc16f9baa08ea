/** The page's section on the faults of the lab. */
import { ENGINE, type Answer } from '../rankings/evaluate.ts'
import { table } from './cells.ts'

export function labSection(answers: readonly Answer[]): string {
  const asked = answers.filter(({ expected }) => expected !== undefined)
  const right = asked.filter(isRight).length
  return [
    `Recordings of the simulated shop, one for each fault (\`npm run scenarios\`; [the lab](guides/the-lab.md#faults)): ten minutes asked about, the fault in the last five, against the ten minutes before. The engine was not tuned on them. As it must be: ${right} of ${asked.length}.`,
    table(
      ['recording', 'what happened', 'must be concluded', 'must not be blamed', 'concluded', 'rank of the cause', ''],
      asked.map(rowOf),
    ),
  ].join('\n\n')
}

/** Any of the verdicts is right; an incident must be blamed on its cause, and on nothing innocent. */
function isRight({ expected, verdict, truth, first }: Answer): boolean {
  if (expected === undefined || !expected.verdicts.includes(verdict)) return false
  if (verdict !== 'incident') return true
  return first === truth && !(first !== null && expected.innocent.includes(first))
}

function rowOf(answer: Answer): string[] {
  const { id, expected, verdict, truth, first, ranks } = answer
  const rank = ranks.get(ENGINE) ?? null
  return [
    id,
    expected?.happened ?? '',
    `${expected?.verdicts.join(' or ')}${truth === null ? '' : `: ${truth}`}`,
    expected?.innocent.join(', ') || '–',
    `${verdict}${first === null ? '' : `: ${first}`}`,
    truth === null ? '–' : rank === null ? 'not ranked' : `${rank}`,
    isRight(answer) ? 'right' : '**wrong**',
  ]
}
