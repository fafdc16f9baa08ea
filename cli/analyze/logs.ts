/** `sre analyze logs`: the template of each line, or all templates. */
import { withoutColours, withoutThread, withoutWrapper } from '../../analysis/logs/header.ts'
import { TemplateMiner } from '../../analysis/logs/template-miner.ts'
import { parseLogLine, shortened, type RecordedLogLine } from '../../recording/log-lines.ts'
import type { Place } from '../../recording/recording-error.ts'
import { readLines } from '../../recording/lines.ts'
import type { Warnings } from '../../recording/warnings.ts'
import { eachInput, type InputOptions } from './inputs.ts'
import type { Language } from '../../gateway/present/language.ts'
import { progress, show, write, type Surface } from './surface.ts'
import type { Line } from '../terminal/line.ts'
import { table } from './table.ts'

export interface LogsOptions extends InputOptions {
  templates?: boolean
  json?: boolean
}

/** `first` and `last` are line numbers, from 1; timestamps exist for logs.jsonl only. */
interface TemplateRow {
  template_id: number
  template: string
  count: number
  first: number
  last: number
  first_timestamp?: string
  last_timestamp?: string
}

interface Mined {
  miner: TemplateMiner
  ids: IdList
  seen: Map<number, { first: number; last: number; from: number; to: number }>
}

export function analyzeLogs(files: readonly string[], options: LogsOptions, surface: Surface): Promise<number> {
  return eachInput(files, options, surface, async (file, warnings) => {
    const mined = await mine(file, warnings, surface)
    if (options.templates || options.json) return write(surface, `${JSON.stringify(rowsOf(mined))}\n`)
    if (surface.outIsTerminal) return show(surface, overview(file, mined, surface.language, surface.columns))
    await writeIds(mined, surface)
  })
}

async function mine(file: string, warnings: Warnings, surface: Surface): Promise<Mined> {
  const mined: Mined = { miner: new TemplateMiner(), ids: new IdList(), seen: new Map() }
  const shown = progress(surface)
  const structured = /\.jsonl(?:\.gz)?$/.test(file)
  for await (const { first, lines } of readLines({ file, warnings })) {
    for (const [at, text] of lines.entries()) {
      const line = first + at
      const place = { file, line, column: 1 }
      const parsed = structured ? readable(text, place, warnings) : null
      if (structured && parsed === null) mined.ids.push(-1)
      else
        note(
          mined,
          mined.miner.add(parsed?.message ?? plain(shortened(text, place, warnings))),
          line,
          parsed?.timestamp ?? NaN,
        )
    }
    shown.show(`${file}: ${mined.ids.length} lines, ${mined.seen.size} templates`)
  }
  shown.end()
  warnings.rows(file).refuseIfNone()
  return mined
}

/** null: an empty line, or an unreadable one, which is counted. */
function readable(text: string, place: Required<Place>, warnings: Warnings): RecordedLogLine | null {
  const rows = warnings.rows(place.file)
  try {
    const line = parseLogLine(text, place, warnings)
    if (line !== null) rows.took(1)
    return line
  } catch (error) {
    rows.leaveOut(error)
    return null
  }
}

const plain = (line: string): string => withoutThread(withoutColours(withoutWrapper(line)))

function note({ ids, seen }: Mined, id: number, line: number, instant: number): void {
  ids.push(id)
  const known = seen.get(id)
  if (known === undefined) {
    seen.set(id, { first: line, last: line, from: instant, to: instant })
    return
  }
  known.last = line
  known.from = Math.min(known.from, instant)
  known.to = Math.max(known.to, instant)
}

function rowsOf({ miner, seen }: Mined): TemplateRow[] {
  const spans = new Map<number, { first: number; last: number; from: number; to: number }>()
  for (const [id, one] of seen) {
    const root = miner.resolve(id)
    const other = spans.get(root)
    if (other === undefined) {
      spans.set(root, { ...one })
      continue
    }
    other.first = Math.min(other.first, one.first)
    other.last = Math.max(other.last, one.last)
    other.from = Math.min(other.from, one.from)
    other.to = Math.max(other.to, one.to)
  }
  return miner.templates().map(({ id, template, count }) => {
    const { first = 0, last = 0, from = NaN, to = NaN } = spans.get(id) ?? {}
    const row = { template_id: id, template, count, first, last }
    if (Number.isNaN(from)) return row
    return { ...row, first_timestamp: new Date(from).toISOString(), last_timestamp: new Date(to).toISOString() }
  })
}

const TITLES = {
  en: ['lines', 'share', 'first', 'last', 'template'],
  'zh-TW': ['行數', '比例', '首行', '末行', '模板'],
} as const

function overview(file: string, mined: Mined, language: Language, columns: number): Line[] {
  const rows = rowsOf(mined).sort((a, b) => b.count - a.count)
  const total = mined.ids.length
  const head = language === 'en' ? `${file}: ${total} lines, ${rows.length} templates` : `${file}：${total} 行，${rows.length} 個模板` // prettier-ignore
  const cells = rows
    .slice(0, 40)
    .map(({ count, first, last, template }) => [String(count), `${((100 * count) / total).toFixed(1)}%`, String(first), String(last), template]) // prettier-ignore
  return [head, ...table([TITLES[language], ...cells], columns)]
}

async function writeIds({ ids, miner }: Mined, surface: Surface): Promise<void> {
  let text = 'line,template_id\n'
  let line = 0
  for (const id of ids.values()) {
    line += 1
    if (id < 0) continue
    text += `${line},${miner.resolve(id)}\n`
    if (text.length < 65_536) continue
    await write(surface, text)
    text = ''
  }
  await write(surface, text)
}

/** Stores the template id of each line (four bytes), because templates may still merge until the end. */
class IdList {
  readonly #chunks: Int32Array[] = []
  length = 0

  push(id: number): void {
    const at = this.length % 65_536
    if (at === 0) this.#chunks.push(new Int32Array(65_536))
    const chunk = this.#chunks.at(-1)
    if (chunk) chunk[at] = id
    this.length += 1
  }

  *values(): Generator<number> {
    for (let at = 0; at < this.length; at += 1) yield this.#chunks[at >> 16]?.[at & 65_535] ?? -1
  }
}
