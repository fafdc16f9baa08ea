/** The page's part about days that go wrong twice. */
import { shown, table } from './cells.ts'
import type { Answer } from '../rankings/evaluate.ts'
import { accuracyAt } from '../rankings/measures.ts'
import { type Asked, BEFORE, type Before } from '../rankings/second-outage.ts'

export function secondOutageSection(answers: readonly Answer[]): string {
  const asked = answers.filter(({ again }) => again.size > 0)
  const [quiet, faulted] = [asked.filter(({ truth }) => truth === null), asked.filter(({ truth }) => truth !== null)]
  return [
    'A public set has one incident a case. Here another case of the set stands in the time before, a minority of it: another service’s, and the same service’s (another case of it where there is one, else the same). Of each pair both are asked about, one after the other and the other after the one. What the earlier case showed from its beginning, its levels moved to those of the case asked about, takes the place of what was shown there: a quarter of the time before at most, from the middle of it on. PetShop is asked over the last two hours of its undisturbed days, so that this is within the hour; its first column is therefore not that of the rankings. Not for our own recordings, which are too few, nor for fault-free windows that say nothing of the time before.', // prettier-ignore
    'Cells: AC@1 of the engine, and how many were told `nothing_wrong`, the false all-clears. “After none” is the same question without the earlier outage.', // prettier-ignore
    table(['set', 'number', ...BEFORE.map((before) => `after ${before}`)], rowsOf(faulted, rankedCell)),
    'Fault-free windows told `nothing_wrong`: an outage that is over must not be blamed for one that is not.',
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

/** Not every service has a case of another to stand before it. */
const rankedCell = (asked: readonly Asked[]): string =>
  asked.length === 0
    ? '–'
    : `${shown(accuracyAt(1, asked.map(({ rank }) => rank)))}, ${asked.filter(isCleared).length} of ${asked.length}` // prettier-ignore

const quietCell = (asked: readonly Asked[]): string =>
  asked.length === 0 ? '–' : `${asked.filter(isCleared).length} of ${asked.length}`
