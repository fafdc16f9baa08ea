/** The page's section on forecasts. */
import { shown, table } from './cells.ts'
import type { Accuracy, ForecastFigures } from '../series/forecasts.ts'

/** Results on the weekly series, published by the organisers of the competition. */
const PUBLISHED: readonly (readonly [string, number])[] = [
  ['Darin and Stellwagen, best of all', 0.739],
  ['FFORMA', 0.796],
  ['Damped trend', 0.917],
  ['Comb of three smoothings', 0.926],
  ['Theta', 0.971],
  ['Naive', 1],
]

export function forecastsSection(figures: ForecastFigures | null): string {
  if (figures === null) return 'Not measured: the data was not there.'
  const { series, horizon, coverage, intervalScore, took } = figures
  return [
    `The weekly series of the M4 competition: ${series} histories, the ${horizon} weeks after each. Errors are in percent (sMAPE), in steps of the history (MASE), and as the mean of both relative to the naive forecast (OWA; less is better), as defined by the competition; our naive forecast matches its 9.161 and 2.777. The forecaster is that of \`sre analyze forecast\`, with one configuration and no season given.`,
    '**In sample**: the forecaster, and how it looks for a season, was developed while looking at this set. Before it looked for a season, OWA was .92; given 52 weeks it was .73. The threshold above which a season is more than chance was not fitted. No target is set yet.', // prettier-ignore
    accuracyTable(figures),
    plot(figures),
    `Of the actual values, ${shown(coverage.all)} lay in the 95 % intervals: ${shown(coverage.first)} at the first step, ${shown(coverage.last)} at the last. Mean scaled interval score ${intervalScore.toFixed(1)}. A forecast takes ${took.middle.toFixed(0)} ms of one core (median; one in twenty takes more than ${took.most.toFixed(0)}).`,
    table(
      ['history', 'series', 'OWA', 'in the 95 % interval'],
      figures.kinds.map((one) => [one.name, `${one.series}`, one.overall.toFixed(3), shown(one.coverage)]),
    ),
    'What the errors have in common: they occur in series without a detected season. Most of these wander, and little improves on their last value. The interval is most often too narrow at the first step.', // prettier-ignore
  ].join('\n\n')
}

interface Row {
  name: string
  overall: number
  measured: Accuracy | null
}

const ranked = ({ engine, baselines }: ForecastFigures): Row[] =>
  [
    { name: '**engine**', overall: engine.overall, measured: engine },
    ...baselines.map((one) => ({ name: `${one.name}, ours`, overall: one.overall, measured: one })),
    ...PUBLISHED.map(([name, overall]) => ({ name, overall, measured: null })),
  ].sort((a, b) => a.overall - b.overall)

function accuracyTable(figures: ForecastFigures): string {
  const rows = ranked(figures).map(({ name, overall, measured }, index) => [
    `${index + 1}`,
    name,
    overall.toFixed(3),
    ...(measured === null
      ? ['', '', '', 'published']
      : [
          `[${measured.interval.map((end) => end.toFixed(3)).join(', ')}]`,
          measured.symmetric.toFixed(3),
          measured.scaled.toFixed(3),
          'this run',
        ]),
  ])
  return table(['', 'forecaster', 'OWA', 'interval over series', 'sMAPE', 'MASE', ''], rows)
}

function plot(figures: ForecastFigures): string {
  const all = ranked(figures)
  return [
    '```mermaid',
    'xychart-beta',
    '  title "OWA on M4 weekly, by the row of the table (less is better; the line: the naive forecast)"',
    `  x-axis [${all.map((_, index) => index + 1).join(', ')}]`,
    '  y-axis "OWA" 0 --> 1.2',
    `  bar [${all.map(({ overall }) => overall.toFixed(3)).join(', ')}]`,
    `  line [${all.map(() => '1').join(', ')}]`,
    '```',
  ].join('\n')
}

/** The hourly series, whose season the competition gives. */
export function hourlySection(figures: ForecastFigures | null): string {
  if (figures === null) return 'Not measured: the data was not there.'
  const { series, horizon, sides, coverage, engine, baselines } = figures
  const row = (name: string, count: number, owa: number, others: readonly { overall: number }[]): string[] => [
    name,
    `${count}`,
    owa.toFixed(3),
    ...others.map(({ overall }) => overall.toFixed(3)),
  ]
  return [
    `The hourly series of the M4 competition: ${series} histories, the ${horizon} hours after each, with the competition’s season of 24 given. OWA is relative to its seasonally adjusted naive forecast (Naive2). Choices may be made on the half that is looked at (\`bench/division.yaml\`). Published on all 414 series: last season again .628, FFORMA .484, best .410.`, // prettier-ignore
    table(
      ['half', 'series', 'engine, OWA', ...baselines.map(({ name }) => name)],
      [
        row('all', series, engine.overall, baselines),
        ...sides.map((side) => row(side.name.replace('_', ' '), side.series, side.engine, side.baselines)),
      ],
    ),
    `Of the actual values, ${shown(coverage.all)} lay in the 95 % intervals: ${shown(coverage.first)} at the first step, ${shown(coverage.last)} at the last.`,
  ].join('\n\n')
}
