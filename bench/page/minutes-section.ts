/** The page's section on anomalies in minute-series. */
import type { MinuteFigures } from '../series/minute-series.ts'
import { shown, table } from './cells.ts'

export function minutesSection(figures: MinuteFigures | null): string {
  if (figures === null) return 'Not measured: the data was not there.'
  const { series, points, spans, sides } = figures
  return [
    `Web services over weeks, a value a minute (WSD): ${series} series, ${points.toLocaleString('en')} points that count, ${spans} labelled spans; the first half of a series only teaches the detector. VUS-PR is the area under precision and recall of the score, averaged over tolerances around the spans, as TSB-AD computes it (\`bench/series/volume-under-surface.ts\`); it needs no threshold. The baseline is the distance from the median of the same minutes of the last seven days in median absolute deviations. Choices may be made on the half that is looked at (\`bench/division.yaml\`).`, // prettier-ignore
    table(
      ['half', 'series', 'engine, VUS-PR', 'seasonal median and MAD', 'times the baseline', 'spans with a flag', 'false alarms of 1,000 points'], // prettier-ignore
      sides.map((side) => [
        side.name.replace('_', ' '),
        `${side.series}`,
        `${side.engine.toFixed(3)} [${side.interval.map((end) => end.toFixed(3)).join(', ')}]`,
        side.seasonalMedian.toFixed(3),
        (side.engine / side.seasonalMedian).toFixed(1),
        shown(side.touched),
        side.falseAlarms.toFixed(2),
      ]),
    ),
  ].join('\n\n')
}
