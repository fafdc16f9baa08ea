/**
 * Measures log templates against loghub's labels, and against the Drain3 package on the same files in the same run. `npm run eval` adds the results
 * to the evaluation page.
 *
 * Grouping accuracy (Zhu et al., ICSE SEIP 2019): the share of lines whose group has exactly the lines of one labelled group. Speed: mining only,
 * each file repeated to the same number of lines for both, by CPU time of the whole process, so that neither a second core nor other processes
 * distort it.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { withoutThread } from '../../analysis/logs/header.ts'
import { mineTemplates, TemplateMiner } from '../../analysis/logs/template-miner.ts'
import { division } from '../division.ts'

export interface Labelled {
  system: string
  messages: string[]
  /** complete lines, as in a log file */
  lines: string[]
  labels: string[]
}

/** Systems that were there when the miner was written; the others show how it does on systems that are new to it. */
export const isMadeWith = ({ system }: { system: string }): boolean =>
  division[`loghub ${system}`]?.before !== 'nothing'
/** Nobody has studied its misses there. */
export const isLeftOut = ({ system }: { system: string }): boolean => division[`loghub ${system}`]?.side === 'left_out'

export function readLoghub(dir: string): Labelled[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const text = readFileSync(join(dir, name, `${name}_2k.log_structured.csv`), 'utf8')
      const rows = parse(text, { columns: true, relax_quotes: true }) as Record<string, string>[]
      const lines = readFileSync(join(dir, name, `${name}_2k.log`), 'utf8').split(/\r?\n/)
      return { system: name, lines: lines.slice(0, rows.length), messages: rows.map((row) => row['Content']!), labels: rows.map((row) => row['EventId']!) } // prettier-ignore
    })
}

export function groupingAccuracy(labels: readonly string[], ids: readonly (number | string)[]): number {
  const sizes = Map.groupBy(labels, (label) => label)
  const groups = Map.groupBy(labels.keys(), (line) => ids[line])
  let right = 0
  for (const lines of groups.values()) {
    const found = new Set(lines.map((line) => labels[line]))
    const [label] = found
    if (found.size === 1 && sizes.get(label!)!.length === lines.length) right += lines.length
  }
  return right / labels.length
}

function linesPerSecond(messages: readonly string[], lines: number): number {
  const rounds = Math.ceil(lines / messages.length)
  const all = Array.from({ length: rounds }, () => messages).flat()
  const miner = new TemplateMiner()
  const start = process.cpuUsage()
  for (const message of all) miner.add(message)
  const { user, system } = process.cpuUsage(start)
  return (all.length * 1e6) / (user + system)
}

interface Repeated {
  messages: readonly string[]
  /** lines each file is repeated to for measuring speed */
  lines: number
}

function drain3(python: string, { messages, lines }: Repeated, mode: string): { ids: number[]; perSecond: number } {
  const dir = mkdtempSync(join(tmpdir(), 'drain3-'))
  try {
    writeFileSync(join(dir, 'messages'), messages.map((message) => message.replace(/[\r\n]/g, ' ')).join('\n'))
    const script = join(import.meta.dirname, 'drain3_baseline.py')
    const output = execFileSync(python, [script, join(dir, 'messages'), mode, `${lines}`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    })
    const { ids, per_second } = JSON.parse(output) as { ids: number[]; per_second: number }
    return { ids, perSecond: per_second }
  } finally {
    rmSync(dir, { recursive: true })
  }
}

/** Figures of one system: ours and, if a Python with Drain3 was given, Drain3's from the same run. */
export interface LogFigures {
  system: string
  templates: number
  found: number
  accuracy: number
  /** on complete lines, as `sre analyze logs` reads them */
  rawAccuracy: number
  perSecond: number
  drain3: { accuracy: number; maskedAccuracy: number; perSecond: number; maskedPerSecond: number } | null
}

export function measureLogs(dir: string, count: number, python: string | undefined): LogFigures[] {
  return readLoghub(dir).map(({ system, messages, lines, labels }) => {
    const mined = mineTemplates(messages)
    return {
      system,
      templates: new Set(labels).size,
      found: mined.templates.length,
      accuracy: groupingAccuracy(labels, mined.ids),
      rawAccuracy: groupingAccuracy(labels, mineTemplates(lines.map(withoutThread)).ids),
      perSecond: linesPerSecond(messages, count),
      drain3: python === undefined ? null : baselines(python, { messages, lines: count }, labels),
    }
  })
}

function baselines(python: string, repeated: Repeated, labels: readonly string[]): LogFigures['drain3'] {
  const [plain, masked] = [drain3(python, repeated, 'plain'), drain3(python, repeated, 'masked')]
  return {
    accuracy: groupingAccuracy(labels, plain.ids),
    maskedAccuracy: groupingAccuracy(labels, masked.ids),
    perSecond: plain.perSecond,
    maskedPerSecond: masked.perSecond,
  }
}
