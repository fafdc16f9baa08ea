/** One series over time as SVG: its line, its range and the instants that matter. */
import { line as text } from '../../schemas/html.ts'
import type { Chart } from '../report.ts'
import { level, utc } from '../words.ts'
import type { Mark } from './document.ts'

const [WIDTH, HEIGHT, TOP, BOTTOM] = [960, 200, 24, 24]

export function lineChart({ points, unit, service, indicator }: Chart, marks: readonly Mark[]): string {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return ''
  const most = points.reduce((top, [, value]) => Math.max(top, value), 0)
  const x = (at: number): number => round(((at - first[0]) / Math.max(1, last[0] - first[0])) * WIDTH)
  const y = (value: number): number => round(HEIGHT - BOTTOM - (value / (most || 1)) * (HEIGHT - TOP - BOTTOM))
  const shown = marks.filter(({ at }) => at >= first[0] && at <= last[0])
  return [
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(`${indicator} of ${service}`)}">`,
    `<line class="edge" x1="0" y1="${HEIGHT - BOTTOM}" x2="${WIDTH}" y2="${HEIGHT - BOTTOM}"/>`,
    `<polyline class="line" points="${points.map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"/>`,
    ...shown.flatMap(({ at, label }) => [
      `<line class="mark" x1="${x(at)}" y1="${TOP}" x2="${x(at)}" y2="${HEIGHT - BOTTOM}"/>`,
      `<text x="${Math.min(x(at) + 4, WIDTH - 80)}" y="${TOP + 12}">${text(label)}</text>`,
    ]),
    `<text x="0" y="14">${text(level(most, unit))}</text>`,
    `<text x="0" y="${HEIGHT - 6}">${text(utc(first[0]))}</text>`,
    `<text x="${WIDTH}" y="${HEIGHT - 6}" text-anchor="end">${text(utc(last[0]))}</text>`,
    '</svg>',
  ].join('\n')
}

const round = (value: number): number => Math.round(value * 10) / 10
