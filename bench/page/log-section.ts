/** The page's section on log templates. */
import { mean } from '../rankings/measures.ts'
import { shown, table } from './cells.ts'
import { isLeftOut, isMadeWith, type LogFigures } from '../logs/log-templates.ts'
import type { Speed } from '../speed.ts'

export function logSection({ logs, amount }: Speed): string {
  if (logs.length === 0) return 'Not measured: the data was not there.'
  const [made, unseen] = [logs.filter(isMadeWith), logs.filter(isLeftOut)]
  const since = logs.filter((one) => !isMadeWith(one) && !isLeftOut(one))
  const rows = [...rowsOf('the miner was made with', made), ...rowsOf('it had not seen', unseen), ...rowsOf('looked at since their first run', since)] // prettier-ignore
  const header = ['system', 'templates', 'found', 'accuracy', 'accuracy, whole lines', 'lines/s', 'Drain3', 'Drain3 lines/s', 'Drain3, masked', 'masked lines/s'] // prettier-ignore
  return [
    `Grouping accuracy against the loghub labels, with one configuration; mining only, on one core, each file repeated to ${amount.lines.toLocaleString('en')} lines. Whole lines: including the time, host and program before the message, as \`sre analyze logs\` reads them. Drain3 is the Python package on the same files in the same run, with its defaults and with the masks from its own example. The systems the miner had not seen were run as it was (first run, above) and again after it changed; nobody looked at a miss there. Proxifier was one of them until its lines served as examples for values with units.`,
    table(header, rows),
    logs.some(({ drain3 }) => drain3 === null)
      ? 'Drain3 was not run: `--drain3 PYTHON` names a Python that has it.'
      : ratioText(made.map(ratioOf)),
  ].join('\n\n')
}

const rowsOf = (which: string, logs: readonly LogFigures[]): string[][] =>
  logs.length === 0
    ? []
    : [...logs.map((one) => [one.system, ...cells([one])]), [`**mean of those ${which}**`, ...cells(logs)]]

function cells(logs: readonly LogFigures[]): string[] {
  const average = (figure: (one: LogFigures) => number | undefined) =>
    mean(logs.map((one) => figure(one) ?? Number.NaN))
  const whole = (value: number) => (Number.isFinite(value) ? Math.round(value).toLocaleString('en') : '–')
  return [
    whole(average((one) => one.templates)),
    whole(average((one) => one.found)),
    shown(average((one) => one.accuracy)),
    shown(average((one) => one.rawAccuracy)),
    whole(average((one) => one.perSecond)),
    shown(average((one) => one.drain3?.accuracy)),
    whole(average((one) => one.drain3?.perSecond)),
    shown(average((one) => one.drain3?.maskedAccuracy)),
    whole(average((one) => one.drain3?.maskedPerSecond)),
  ]
}

/** Our lines per second divided by those of Drain3 with its defaults. */
const ratioOf = ({ perSecond, drain3 }: LogFigures): number =>
  drain3 === null ? Number.NaN : perSecond / drain3.perSecond

/** Mean of the systems. */
export const timesDrain3 = (logs: readonly LogFigures[]): number => mean(logs.map(ratioOf))

const ratioText = (ratios: readonly number[]): string =>
  `Ours is ${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)} times as fast as Drain3 as it comes, ${ratios.filter((ratio) => ratio >= 10).length} of ${ratios.length} files ten times or more; the figure above is the mean.`
