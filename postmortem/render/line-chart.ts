/** One series over time as SVG: its line, its range and the instants that matter. */
import { line as text } from '../../schemas/html.ts'
import type { Chart } from '../report.ts'
import { level, utc } from '../words.ts'
import type { Mark } from './document.ts'

const [WIDTH, HEIGHT, TOP, BOTTOM] = [960, 200, 24, 24]
/** Samples that are further apart than this many steps have a gap between them. */
const MOST_STEPS = 2

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
    ...unbroken(points).map((part) => `<polyline class="line" points="${drawn(part).map(([at, value]) => `${x(at)},${y(value)}`).join(' ')}"/>`), // prettier-ignore
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

/** The parts of a series between gaps: a line across one would show values that nobody measured. */
function unbroken(points: Chart['points']): Chart['points'][] {
  const times = points.map(([at]) => at)
  const steps = times.slice(1).map((at, place) => at - times[place]!).sort((a, b) => a - b) // prettier-ignore
  const longest = MOST_STEPS * (steps[Math.floor(steps.length / 2)] ?? 0)
  const starts = times.flatMap((at, place) => (place === 0 || at - times[place - 1]! > longest ? [place] : []))
  return starts.map((start, place) => points.slice(start, starts[place + 1]))
}

/** A lone sample is a dot: a line to itself, with round ends. */
const drawn = (part: Chart['points']): Chart['points'] => (part.length === 1 ? [...part, ...part] : part)

const round = (value: number): number => Math.round(value * 10) / 10
