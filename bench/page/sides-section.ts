/** The page's first section: figures on what no choice may be made with, beside those on what may be looked at. */
import { division, type Side } from '../division.ts'
import type { LogFigures } from '../logs/log-templates.ts'
import { GENERATED, type Outcome } from '../outcomes/outcome.ts'
import { topOf } from '../outcomes/outcome-measures.ts'
import { type Answer, ENGINE, ranksOf } from '../rankings/evaluate.ts'
import { accuracyAt, mean } from '../rankings/measures.ts'
import type { AnomalyFigures } from '../series/anomalies.ts'
import type { ForecastFigures } from '../series/forecasts.ts'
import type { MinuteFigures } from '../series/minute-series.ts'
import { shown, table } from './cells.ts'
import { signed } from './outcomes-section.ts'

export interface Divided {
  answers: readonly Answer[]
  outcomes: readonly Outcome[]
  logs: readonly LogFigures[]
  anomalies: AnomalyFigures | null
  minutes: MinuteFigures | null
  hourly: ForecastFigures | null
}

/** The question of each set that its published figures answer. */
const HEADLINES = ['sock-shop, onset given', 'petshop, latency', 'petshop, availability', 'nezha OnlineBoutique', 'nezha TrainTicket'] // prettier-ignore

const SYSTEMS = { metrics: ['sock-shop', 'nezha-online-boutique'], more: ['petshop', 'nezha-train-ticket', 'root-cause-bench'] } // prettier-ignore

export function sidesSection(measured: Divided): string {
  return [
    'Every rule, weight, threshold and form that was chosen while looking at data is fitted to that data. Systems are therefore divided into those that may be looked at when something is chosen, and those that may not (`bench/division.yaml` for public sets, `bench/generated/families.ts` for generated ones). **The left-out column is what to expect on a new system.** Public sets were divided on 30 November 2026; what was chosen before that day while looking at a set that is now left out is in the last column, and where that is everything, the figure is as in-sample as its neighbour until the engine has been rebuilt without it.', // prettier-ignore
    table(['evidence', 'figure', 'left out', 'looked at', 'difference', 'chosen with the left-out sets before'], rows(measured)), // prettier-ignore
  ].join('\n\n')
}

type Row = string[]

function rows({ answers, outcomes, logs, anomalies, minutes, hourly }: Divided): Row[] {
  const generated = outcomes.filter(({ set }) => set === GENERATED)
  const first = (side: Side): number => topOf(generated.filter((one) => one.side === side)).first
  return [
    row('generated systems, all evidence', 'service, top-1', [first('left_out'), first('looked_at')], 'nothing'),
    ...Object.values(SYSTEMS).map((sets) => rankingRow(sets, answers, outcomes)),
    row('minute-series', 'VUS-PR, times seasonal median and MAD', [timesBaseline(minutes, 'left_out'), timesBaseline(minutes, 'looked_at')], division['wsd']!.before), // prettier-ignore
    row('series with windows', 'NAB score at the detector’s own threshold (1: perfect)', [(anomalies?.own.score ?? Number.NaN) / 100, Number.NaN], division['nab']!.before), // prettier-ignore
    row('hourly series', 'OWA (less is better)', [weighted(hourly, 'left_out'), weighted(hourly, 'looked_at')], division['m4-hourly']!.before), // prettier-ignore
    row('log templates', 'grouping accuracy', [grouping(logs, 'left_out'), grouping(logs, 'looked_at')], 'nothing'),
  ]
}

const row = (evidence: string, figure: string, [out, seen]: readonly [number, number], before: string): Row => [evidence, figure, shown(out), shown(seen), signed(out - seen), before] // prettier-ignore

function rankingRow(sets: readonly string[], answers: readonly Answer[], outcomes: readonly Outcome[]): Row {
  const on = (side: Side): string[] => sets.filter((set) => division[set]!.side === side)
  const firstOn = (side: Side): number => mean(on(side).map((set) => firstOf(set, answers, outcomes)))
  const evidence = [...new Set(sets.map((set) => division[set]!.kind))].join('; ')
  return row(evidence, `service, top-1: ${on('left_out').join(', ')}, beside ${on('looked_at').join(', ')}`, [firstOn('left_out'), firstOn('looked_at')], [...new Set(on('left_out').map((set) => division[set]!.before))].join(', ')) // prettier-ignore
}

function firstOf(set: string, answers: readonly Answer[], outcomes: readonly Outcome[]): number {
  const asked = outcomes.filter((one) => one.set === set)
  if (asked.length > 0) return topOf(asked).first
  return accuracyAt(1, ranksOf(ENGINE, answers.filter(({ system, group }) => system === set && HEADLINES.includes(group)))) // prettier-ignore
}

function timesBaseline(minutes: MinuteFigures | null, side: Side): number {
  const found = minutes?.sides.find(({ name }) => name === side)
  return found === undefined ? Number.NaN : found.engine / found.seasonalMedian
}

const weighted = (hourly: ForecastFigures | null, side: Side): number =>
  hourly?.sides.find(({ name }) => name === side)?.engine ?? Number.NaN

const grouping = (logs: readonly LogFigures[], side: Side): number =>
  mean(logs.filter(({ system }) => division[`loghub ${system}`]?.side === side).map(({ accuracy }) => accuracy))
