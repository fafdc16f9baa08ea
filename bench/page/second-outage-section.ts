/** The page's section on a second outage within the hour. */
import { shown, table } from './cells.ts'
import type { Answer } from '../rankings/evaluate.ts'
import { accuracyAt } from '../rankings/measures.ts'
import { type Asked, BEFORE, type Before } from '../rankings/second-outage.ts'

export function secondOutageSection(answers: readonly Answer[]): string {
  const asked = answers.filter(({ again }) => again.size > 0)
  const [quiet, faulted] = [asked.filter(({ truth }) => truth === null), asked.filter(({ truth }) => truth !== null)]
  return [
    'Public sets have one incident per case. Here another case of the same set is inserted into the baseline, as a minority of it: one of another service, and one of the same service (a different case if there is one, otherwise the same). Each pair is diagnosed in both orders. The earlier case’s data from its onset on, shifted to the levels of the case being diagnosed, replaces what was there: at most a quarter of the baseline, starting at its middle. PetShop uses only the last two hours of its undisturbed days, so that this is within the hour; its first column therefore differs from the rankings. Not done for our own recordings, which are too few, nor for fault-free windows without a baseline.', // prettier-ignore
    'Cells: the engine’s AC@1, and how many answers were `nothing_wrong`, the false all-clears. “After none” is the same question without the earlier outage.', // prettier-ignore
    table(['set', 'number', ...BEFORE.map((before) => `after ${before}`)], rowsOf(faulted, rankedCell)),
    'Fault-free windows called `nothing_wrong`: an outage that is over must not be reported as one that is going on.',
    table(['questions', 'number', 'after none', 'after an outage'], rowsOf(quiet, quietCell, BEFORE.slice(0, 2))),
  ].join('\n\n')
}

const rowsOf = (
  answers: readonly Answer[],
  cell: (asked: readonly Asked[]) => string,
  befores: readonly Before[] = BEFORE,
): string[][] =>
  [...Map.groupBy(answers, ({ group }) => group)].map(([group, members]) => [
    group,
    `${members.length}`,
    ...befores.map((before) => cell(members.flatMap(({ again }) => again.get(before) ?? []))),
  ])

const isCleared = ({ verdict }: Asked): boolean => verdict === 'nothing_wrong'

/** Not every case has another one to insert before it. */
const rankedCell = (asked: readonly Asked[]): string =>
  asked.length === 0
    ? '–'
    : `${shown(accuracyAt(1, asked.map(({ rank }) => rank)))}, ${asked.filter(isCleared).length} of ${asked.length}` // prettier-ignore

const quietCell = (asked: readonly Asked[]): string =>
  asked.length === 0 ? '–' : `${asked.filter(isCleared).length} of ${asked.length}`
