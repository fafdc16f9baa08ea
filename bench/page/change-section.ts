/** The page's section on changes: answers when deployments are added to the questions. */
import { shown, table } from './cells.ts'
import { type Answer, ENGINE, ranksOf } from '../rankings/evaluate.ts'
import { accuracyAt, mean } from '../rankings/measures.ts'
import { withChanges } from '../rankings/with-changes.ts'

export function changeSection(answers: readonly Answer[]): string {
  const [quiet, faulted] = [answers.filter(({ truth }) => truth === null), answers.filter(({ truth }) => truth !== null)] // prettier-ignore
  const names = Object.keys(withChanges)
  const ranked = groupsOf(faulted).map(([group, members]) => [
    group,
    ...[ENGINE, ...names].map((name) => shown(accuracyAt(1, ranksOf(name, members)))),
  ])
  const called = groupsOf(quiet).map(([group, members]) => [
    group,
    `${members.length}`,
    shown(share(members.map(({ verdict }) => verdict))),
    shown(share(members.map(({ deployed }) => deployed))),
  ])
  return [
    'The engine’s AC@1 when a deployment is added half a minute before the onset it found: of a random service that is not at fault, or of the most suspicious of these, which is the hardest case. Then the share of answers that rank the faulty service first and name its change, when that service was deployed, alone or together with an innocent one.',
    table(['set', 'as it is', ...names], ranked),
    'Fault-free windows called `nothing_wrong`, unchanged and with a deployment in the middle:',
    table(['questions', 'number', 'as they are', 'with a deployment'], called),
  ].join('\n\n')
}

const groupsOf = (answers: readonly Answer[]): [string, Answer[]][] => [...Map.groupBy(answers, ({ group }) => group)]

const share = (verdicts: readonly Answer['deployed'][]): number =>
  mean(verdicts.map((verdict) => (verdict === 'nothing_wrong' ? 1 : 0)))
