/** Generates series files as people and tools export them, in one dialect, and then mutates them as an attacker would. */
import type { Chance } from './chance.ts'
import { TEXTS } from './mutate.ts'

interface Written {
  mark: string
  end: string
  /** before the header */
  before: string
  rows: string[][]
  quoted: (cell: string) => boolean
}

const MARKS = [',', ',', ',', ';', ';', '\t', '|']
const TIMES: readonly ((ms: number, at: number) => string)[] = [
  (ms) => new Date(ms).toISOString(),
  (ms) => new Date(ms).toISOString().replace('T', ' ').slice(0, 19),
  (ms) => new Date(ms).toISOString().slice(0, 10),
  (ms) => String(ms),
  (ms) => String(ms / 1000),
  (ms) => `${ms}000000`,
  (_ms, at) => String(at),
  (ms) => day(ms, '/', false),
  (ms) => `${day(ms, '/', true)} ${new Date(ms).toISOString().slice(11, 16)}`,
  (ms) => `${day(ms, '.', true)} ${new Date(ms).toISOString().slice(11, 19)}`,
  (ms) => `${day(ms, '/', false)}, ${1 + (new Date(ms).getUTCHours() % 12)}:00:00 PM`,
  (ms) => `${new Date(ms).toISOString().slice(0, 19)}+08:00`,
]
const day = (ms: number, mark: string, dayFirst: boolean): string => {
  const [year = '', month = '', of = ''] = new Date(ms).toISOString().slice(0, 10).split('-')
  return (dayFirst ? [of, month, year] : [month, of, year]).join(mark)
}
const UNITS = ['', '', '', ' ms', ' s', '%', ' MiB', ' GB/s', 'k', ' K', ' req/s', ' min', ' Mil', '°C', ' bps', ' hours', ' __proto__', ' constructor'] // prettier-ignore
const NUMBERS: readonly ((value: number) => string)[] = [
  (value) => String(value),
  (value) => value.toFixed(2),
  (value) => value.toFixed(2).replace('.', ','),
  (value) => value.toLocaleString('en-US'),
  (value) => value.toLocaleString('de-DE'),
  (value) => value.toLocaleString('fr-FR'),
  (value) => value.toLocaleString('en-IN'),
  (value) => value.toExponential(3),
  (value) => `$${value.toFixed(2)}`,
]
const HEADERS: readonly (readonly string[])[] = [
  ['timestamp', 'value'],
  ['Time', 'cpu', 'memory', 'requests'],
  ['series', 'timestamp', 'value'],
  ['ds', 'unique_id', 'y'],
  ['Date', 'host', 'latency'],
  ['date_time', 'a', 'a', ''],
  ['index', '__proto__', 'constructor'],
  [],
]
const NAMES = ['cart', 'payment', 'a,b', 'say "hi"', '=1+1', 'toString']
const STEPS = [1000, 60_000, 3_600_000, 86_400_000]

/** A cell no reader expects. */
const hostile = (chance: Chance): string =>
  chance.pick<() => string>([
    () => chance.pick(TEXTS),
    () => '9'.repeat(chance.pick([16, 310, 70_000])),
    () => `1${',234'.repeat(chance.pick([1, 200, 20_000]))}`,
    () => `${'1 '.repeat(20_000)}x`,
    () => `12:${'0'.repeat(50_000)}`,
    () => `03/04/${'2'.repeat(chance.pick([4, 6, 1000]))}`,
    () => `${chance.below(100)}/${chance.below(100)}/2026 ${chance.below(40)}:${chance.below(99)} pm`,
    () => `5${'k'.repeat(chance.pick([2, 3000]))}`,
    () => `5 K ${'K '.repeat(3000)}B`,
    () => `1e${chance.pick(['308', '309', '-400', '99999999999'])}`,
    () => `"${'""'.repeat(chance.below(500))}`,
    () => '"',
    () => `a\n"b`,
    () => '\0'.repeat(chance.pick([1, 4000])),
    () => '−5', // Unicode minus
    () => '٣٫٥', // Arabic digits
    () => '１２',
  ])()

export function seriesText(chance: Chance): string {
  const written = plainSeries(chance)
  for (let times = chance.pick([0, 0, 1, 1, 2, 3, 6]); times > 0; times--) chance.pick(CHANGES)(written, chance)
  const { mark, end, before, rows, quoted } = written
  const cell = (text: string): string =>
    text.includes(mark) || quoted(text) ? `"${text.replaceAll('"', '""')}"` : text
  return `${before}${rows.map((row) => `${row.map(cell).join(mark)}${end}`).join('')}`
}

function plainSeries(chance: Chance): Written {
  const [mark, header, time, number, unit, step] = [chance.pick(MARKS), chance.pick(HEADERS), chance.pick(TIMES), chance.pick(NUMBERS), chance.pick(UNITS), chance.pick(STEPS)] // prettier-ignore
  const columns = header.length === 0 ? chance.pick([['timestamp', 'value'], ['series', 'timestamp', 'value']]) : header // prettier-ignore
  const count = chance.pick([1, 3, 20, 80, 200, 1200])
  const value = (at: number): number => (at % 40 === 37 ? 900 : 20 + ((at * 7) % 5) + at / 50)
  const cellFor = (name: string, at: number): string => {
    if (/^(?:timestamp|time|ds|date|date_time|index)$/i.test(name)) return time(Date.parse('2026-03-01T09:40:00Z') + at * step, at) // prettier-ignore
    return /^(?:series|unique_id|host)$/.test(name) ? chance.pick(NAMES) : `${number(value(at))}${unit}`
  }
  const rows = Array.from({ length: count }, (_, at) => columns.map((name) => cellFor(name, at)))
  return {
    mark,
    end: chance.pick(['\n', '\n', '\r\n', '\r']),
    before: `${chance.one(0.1) ? '\uFEFF' : ''}${chance.one(0.1) || mark === '|' ? `sep=${mark}\n` : ''}`,
    rows: header.length === 0 ? rows : [[...header], ...rows],
    quoted: chance.one(0.2) ? () => true : (text) => /["\r\n]/.test(text) && chance.one(0.8),
  }
}

type Change = (written: Written, chance: Chance) => void

const CHANGES: readonly Change[] = [
  ...Array.from({ length: 4 }, (): Change => ({ rows }, chance) => {
    const row = chance.pick(rows)
    if (row !== undefined && row.length > 0) row[chance.below(row.length)] = hostile(chance)
  }),
  ({ rows }, chance) => void chance.pick(rows)?.pop(),
  ({ rows }, chance) => {
    const row = chance.pick(rows)
    for (let more = chance.pick([1, 3, 5000]); more > 0; more--) row?.push('1')
  },
  (written, chance) => {
    const at = chance.below(written.rows.length + 1)
    const empty = Array.from({ length: chance.pick([1, 2000]) }, () => [''])
    written.rows = [...written.rows.slice(0, at), ...empty, ...written.rows.slice(at)]
  },
  ({ rows }, chance) => void rows.splice(chance.below(rows.length + 1), chance.pick([1, 10, 2000])),
  ({ rows }, chance) => {
    for (let more = chance.pick([1, 500]); more > 0; more--) rows.push([...(chance.pick(rows) ?? [])])
  },
  ({ rows }) => void rows.reverse(),
  ({ rows }, chance) => {
    const [at, text] = [chance.below(4), hostile(chance)]
    for (const row of rows) if (at < row.length && chance.one(0.7)) row[at] = text
  },
  ({ rows }, chance) => {
    const at = chance.below(4)
    for (const row of rows) if (at < row.length) row[at] = `${row[at]}${chance.pick(UNITS)}`
  },
  ({ rows }, chance) => {
    const [from, number] = [chance.below(rows.length), chance.pick(NUMBERS)]
    for (const row of rows.slice(from))
      row[row.length - 1] = number(chance.pick([0, 1e-9, 1e300, -1e300, 1234.5, 1e15]))
  },
  (written, chance) => void (written.mark = chance.pick([',', ';', '\t', ' ', '|', '"', '\0'])),
  (written, chance) => void (written.end = chance.pick(['', '\r', '\n\r', '\n\n', '\u2028'])),
  (written, chance) => void (written.before += chance.pick(['sep=;\n', 'sep="\n', '# made by x\n', '\n\n\n', '"'])),
]
