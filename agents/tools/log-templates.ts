import { TemplateMiner } from '../../analysis/logs/template-miner.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import type { LogEntry, LogsAnswer } from './tools.ts'

/** More would not be read; the lines themselves are in the evidence. */
const SHOWN = 50

/** Templates of the lines, those that are new or most frequent first. Without a baseline nothing is called new. */
export function templatesOf(
  lines: readonly LogEntry[],
  during: TimeRange,
  before: TimeRange | undefined,
): LogsAnswer['templates'] {
  const miner = new TemplateMiner()
  const ids = lines.map((line) => miner.add(line.message))
  const counts = new Map<number, { before: number; during: number; level?: string }>()
  for (const [index, line] of lines.entries()) {
    const id = miner.resolve(ids[index] ?? 0)
    const count = counts.get(id) ?? { before: 0, during: 0, ...(line.level === undefined ? {} : { level: line.level }) }
    if (line.timestamp >= during.start) count.during++
    else count.before++
    counts.set(id, count)
  }
  // Where nothing was said before, everything would be new.
  const comparable = before !== undefined && lines.some((line) => line.timestamp < during.start)
  return [...counts]
    .map(([id, count]) => ({
      template: miner.template(id),
      ...count,
      isNew: comparable && count.before === 0,
    }))
    .sort((a, b) => Number(b.isNew) - Number(a.isNew) || b.during - a.during)
    .slice(0, SHOWN)
}
