import { TemplateMiner } from '../../analysis/logs/template-miner.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import type { LogEntry, LogsAnswer } from './tools.ts'

/** A reader will not go through more; the evidence has the lines themselves. */
const SHOWN = 50

/** Log templates, new or most frequent ones first. Without a baseline no template is marked as new. */
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
  // With no lines before, every template would look new.
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
