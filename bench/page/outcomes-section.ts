/** The page's sections on generated systems, and on public sets of incidents with changes. */
import type { Side } from '../division.ts'
import { GENERATED, type Outcome } from '../outcomes/outcome.ts'
import { groupedBy, type OutcomeFigure, outcomeFigures, topOf } from '../outcomes/outcome-measures.ts'
import { bootstrapInterval } from '../rankings/measures.ts'
import { shown, table } from './cells.ts'

export function generatedSection(outcomes: readonly Outcome[]): string {
  const generated = outcomes.filter(({ set }) => set === GENERATED)
  if (generated.length === 0) return 'Not measured: `--only` named something else.'
  const of = (side: Side): Outcome[] => generated.filter((one) => one.side === side)
  const [out, seen] = [of('left_out'), of('looked_at')]
  return [
    `${out.length} questions about four kinds of systems that no choice may be made with, beside ${seen.length} about four others. A quarter are about quiet windows or harmless surges, which have no alert; more than half of the faults have one, and one fault in seven comes with its onset. Systems, traffic, faults and changes are drawn from a seed, and what follows is simulated (\`bench/generated/\`): 5 to 200 services with caches, queues, stores and providers, with queueing, retries, time-outs and back-pressure. The two sides differ in the shape of the call graph, in the names of metrics and in their step. \`npm run generate\` writes such incidents as recordings.`, // prettier-ignore
    figureTable(out, seen),
    table(['kind of system', 'side', 'incidents', 'top-1', 'top-3', 'quiet called `nothing_wrong`'], groupedBy(generated, ({ group }) => group).map(([group, ones]) => [group, sideText(ones[0]!.side), ...cells(ones), quietCell(ones)])), // prettier-ignore
    table(['what went wrong', 'left out', 'top-1', 'top-3', 'looked at', 'top-1', 'top-3'], kindRows(out, seen)),
  ].join('\n\n')
}

export const sideText = (side: Side): string => side.replace('_', ' ')

function figureTable(out: readonly Outcome[], seen: readonly Outcome[]): string {
  const rows = outcomeFigures.map(({ name, bars, atMost, measure }) => {
    const [left, looked] = [measure(out), measure(seen)]
    return [
      name,
      `${shown(left)}${intervalCell(out, measure)}`,
      shown(looked),
      signed(left - looked),
      ...barCells({ bars, atMost }, left),
    ]
  })
  return table(['figure', 'left out', 'looked at', 'difference', 'at least', 'aim', 'reached'], rows)
}

/** Over incidents; empty if a part of the draws has nothing to measure. */
function intervalCell(outcomes: readonly Outcome[], measure: OutcomeFigure['measure']): string {
  const interval = bootstrapInterval(outcomes, measure)
  return interval.every(Number.isFinite) ? ` [${interval.map(shown).join(', ')}]` : ''
}

export const signed = (value: number): string => (Number.isFinite(value) ? `${value < 0 ? '−' : '+'}${shown(Math.abs(value))}` : '–') // prettier-ignore

function barCells(
  { bars, atMost = false }: { bars: OutcomeFigure['bars']; atMost: boolean | undefined },
  value: number,
): string[] {
  // prettier-ignore
  if (bars === undefined) return ['', '', '']
  const meets = (bar: number): boolean => (atMost ? value <= bar : value >= bar)
  const reached = !Number.isFinite(value)
    ? 'not measured'
    : meets(bars[1])
      ? 'aim'
      : meets(bars[0])
        ? 'bar'
        : '**below**'
  return [...bars.map((bar) => `${atMost ? '≤ ' : ''}${shown(bar)}`), reached]
}

const cells = (outcomes: readonly Outcome[]): string[] => {
  const { first, third } = topOf(outcomes)
  return [`${outcomes.filter(({ truth }) => truth !== null).length}`, shown(first), shown(third)]
}

const quietCell = (outcomes: readonly Outcome[]): string => {
  const quiet = outcomes.filter(({ truth }) => truth === null)
  return `${quiet.filter(({ verdict }) => verdict === 'nothing_wrong').length} of ${quiet.length}`
}

const kindRows = (out: readonly Outcome[], seen: readonly Outcome[]): string[][] =>
  groupedBy([...out, ...seen].filter(({ truth }) => truth !== null), ({ kind }) => kind).map(([kind, ones]) => [kind.replaceAll('_', ' '), ...(['left_out', 'looked_at'] as const).flatMap((side) => cells(ones.filter((one) => one.side === side)))]) // prettier-ignore

/** Sets of incidents with changes, which are on one side each. */
export function incidentSetsSection(outcomes: readonly Outcome[]): string {
  const sets = [...Map.groupBy(outcomes.filter(({ set }) => set !== GENERATED), ({ set }) => set)] // prettier-ignore
  if (sets.length === 0) return 'Not measured: the data was not there.'
  const rows = outcomeFigures.flatMap(({ name, measure }) => {
    const values = sets.map(([, ones]) => measure(ones))
    return values.some(Number.isFinite) ? [[name, ...values.map(shown)]] : []
  })
  return table(['figure', ...sets.map(([set, ones]) => `${set} (${ones.length}), ${sideText(ones[0]!.side)}`)], rows)
}
