/** Renders one piece of evidence: source, query, time range, and the answer in a format that fits its type. */
import { z } from 'zod'
import { noteIn } from '../../agents/tools/notes.ts'
import { largest, smallest } from '../../analysis/extremes.ts'
import { severityOf } from '../../analysis/logs/severity.ts'
import { amount } from '../../analysis/text.ts'
import type { Evidence } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { labelled, readable } from '../../gateway/present/words.ts'
import { sparkline } from '../analyze/sparkline.ts'
import { table } from '../analyze/table.ts'
import { type Line, painted } from '../terminal/line.ts'
import { evidence as texts } from '../texts.ts'

const WIDTH = 40
/** Maximum number of lines shown; `--json` shows all. */
const LINES = 40

export function renderEvidence(evidence: Evidence, language: Language, columns: number): Line[] {
  const { evidence_id, tool, operation, status, query, time_range: range, link, summary, error, warnings } = evidence
  const say = texts.fields[language]
  return [
    `${evidence_id}  ${tool} ${operation}  ${readable(language, status)}`,
    labelled(language, say.query, query),
    ...(range === null ? [] : [labelled(language, say.range, `${range.start} – ${range.end}`)]),
    ...(link === null ? [] : [labelled(language, say.link, link)]),
    labelled(language, say.answer, noteIn(language, summary)),
    ...(error === null ? [] : [labelled(language, say.error, error)]),
    ...warnings.map((warning) => `! ${noteIn(language, warning)}`),
    ...(evidence.downsampled ? [`! ${say.downsampled}`] : []),
    ...answered(evidence.data, language, columns),
  ]
}

const seriesAnswer = z.object({
  series: z.array(
    z.object({ service: z.string(), indicator: z.string(), unit: z.string().optional(), values: z.array(z.number()) }),
  ),
})
const linesAnswer = z.object({
  lines: z.array(z.object({ timestamp: z.number(), service: z.string(), level: z.string().optional(), message: z.string() })), // prettier-ignore
})

function answered(data: unknown, language: Language, columns: number): Line[] {
  if (data === null || data === undefined) return []
  const numbers = seriesAnswer.safeParse(data)
  if (numbers.success) return ['', ...seriesTable(numbers.data, language, columns)]
  const lines = linesAnswer.safeParse(data)
  if (lines.success) return ['', ...loudestOf(lines.data.lines, language)]
  const items = Array.isArray(data) ? data : [data]
  return ['', ...firstOf(items.map((item) => JSON.stringify(item)), language)] // prettier-ignore
}

function seriesTable({ series }: z.infer<typeof seriesAnswer>, language: Language, columns: number): Line[] {
  const rows = series.map(({ service, indicator, unit, values }) => {
    const known = values.filter(Number.isFinite)
    const levels = known.length === 0 ? ['-', '-', '-'] : [smallest(known), largest(known), known.at(-1)!].map((one) => amount(one, unit)) // prettier-ignore
    return [service, indicator, ...levels, painted`${sparkline(values, WIDTH)}`]
  })
  return rows.length === 0 ? [] : table([texts.titles[language], ...rows], columns)
}

type LogLine = z.infer<typeof linesAnswer>['lines'][number]

const LOUDNESS = { critical: 2, warning: 1, info: 0 } as const

/** In order of time. A finding is rarely about routine lines, so these are left out first, then the oldest. */
function loudestOf(all: readonly LogLine[], language: Language): string[] {
  const left = all.length - LINES
  if (left <= 0) return all.map(logLine)
  const kept = all
    .map((one, at) => ({ one, at, loudness: LOUDNESS[severityOf(one.level, one.message)] }))
    .sort((a, b) => b.loudness - a.loudness || b.at - a.at)
    .slice(0, LINES)
    .sort((a, b) => a.at - b.at)
  return [...kept.map(({ one }) => logLine(one)), texts.quieter(left)[language]]
}

const logLine = ({ timestamp, service, level = '', message }: LogLine): string =>
  [instantOf(timestamp), service, level, message].filter((part) => part !== '').join('  ')

const instantOf = (time: number): string =>
  Math.abs(time) <= 8.64e15 ? new Date(time).toISOString().replace('T', ' ') : String(time)

function firstOf(lines: readonly string[], language: Language): string[] {
  const left = lines.length - LINES
  return left <= 0 ? [...lines] : [...lines.slice(0, LINES), texts.more(left)[language]]
}
