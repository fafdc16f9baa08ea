/** Single series for anomaly detection and forecasts, and logs with templates. */
import { join } from 'node:path'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { csv, packed, range, write } from './write.ts'

const STEP = 300_000
const START = Date.UTC(2014, 3, 1)

/** Noise, each with a jump well after the unscored beginning. One series has no labelled window. */
export function writeNab(root: string): void {
  const random = randomFrom(3)
  const written = (at: number): string => new Date(START + at * STEP).toISOString().slice(0, 19).replace('T', ' ')
  const labels: Record<string, [string, string][]> = {}
  const series = (id: string, length: number, leap: number, isLabelled = true): void => {
    const rows = range(length).map((at) => [written(at), 20 + random() + (Math.abs(at - leap) < 3 ? 40 : 0)]) // prettier-ignore
    write(join(root, id), csv(['timestamp', 'value'], rows))
    labels[id] = isLabelled ? [[`${written(leap - 20)}.000000`, `${written(leap + 20)}.000000`]] : []
  }
  series('artificialNoAnomaly/leap.csv', 1000, 500, false)
  series('artificialWithAnomaly/leap.csv', 1000, 800)
  series('artificialWithAnomaly/late.csv', 1000, 900)
  series('realKnownCause/leap.csv', 3200, 2500)
  write(join(root, 'labels', 'combined_windows.json'), JSON.stringify(labels))
  const standard = { CostMatrix: { tpWeight: 1, fnWeight: 1, fpWeight: 0.11, tnWeight: 1 } }
  write(join(root, 'labels', 'profiles.json'), JSON.stringify({ standard }))
}

const MINUTE = 60_000

/** Four minute-series over three days with noise, a gap, and a leap on the last day; the first two days only teach. */
export function writeWsd(root: string): void {
  const random = randomFrom(5)
  const written = (at: number): string => new Date(START + at * MINUTE).toISOString().replace('.000', '')
  const labels: Record<string, unknown> = {}
  for (const id of ['1.csv', '2.csv', '3.csv', '4.csv']) {
    const [leap, gap] = [4000, 1000]
    const rows = range(4320).filter((at) => at !== gap).map((at) => [written(at), 20 + random() + (Math.abs(at - leap) < 10 ? 40 : 0)]) // prettier-ignore
    write(join(root, `${id}.gz`), packed(csv(['timestamp', 'value'], rows)))
    labels[id] = { scored_from: written(2880), anomalies: [[written(leap - 9), written(leap + 9)]] }
  }
  write(join(root, 'labels.json'), JSON.stringify(labels))
}

const YEAR = 52
const HORIZON = 13

/** Two yearly series and two random walks; shorter ones end in empty cells. */
export function writeM4(root: string): void {
  const random = randomFrom(4)
  const seasonal = (length: number) => range(length).map((at) => 1000 + 300 * Math.sin((2 * Math.PI * at) / YEAR) + 20 * random()) // prettier-ignore
  const wandering = (length: number) => {
    let level = 5000
    return range(length).map(() => (level += 100 * (random() - 0.5)))
  }
  const lengths = [6 * YEAR, 5 * YEAR, 200, 150]
  const all = lengths.map((length, at) => (at < 2 ? seasonal : wandering)(length + HORIZON))
  const header = (count: number) => range(count + 1).map((at) => `V${at + 1}`)
  const most = Math.max(...lengths)
  const padded = (cells: number[]) => [...cells, ...range(most - cells.length).map(() => '')]
  write(join(root, 'Weekly-train.csv'), csv(header(most), all.map((values, at) => [`W${at + 1}`, ...padded(values.slice(0, -HORIZON))]))) // prettier-ignore
  write(join(root, 'Weekly-test.csv'), csv(header(HORIZON), all.map((values, at) => [`W${at + 1}`, ...values.slice(-HORIZON)]))) // prettier-ignore
}

/** Four daily series of three weeks and the two days after them, one value a row. */
export function writeM4Hourly(root: string): void {
  const random = randomFrom(6)
  const [hours, ahead] = [21 * 24, 48]
  const all = range(4).map((at) => ({ id: `H${at + 1}`, values: range(hours + ahead).map((hour) => 100 + 30 * Math.sin((2 * Math.PI * hour) / 24) + random()) })) // prettier-ignore
  const rows = (from: number, to: number) => all.flatMap(({ id, values }) => values.slice(from, to).map((value, at) => [id, at, value])) // prettier-ignore
  write(join(root, 'train.csv'), csv(['series', 'timestamp', 'value'], rows(0, hours)))
  write(join(root, 'test.csv'), csv(['series', 'step', 'value'], rows(hours, hours + ahead)))
}

/** Three templates that differ in words at fixed positions. */
export function writeLoghub(root: string): void {
  const messages = range(60).map((at) => [`opened connection to 10.0.0.${at}`, `request ${at} was served`, `disk sda${at % 3} is full again`][at % 3]!) // prettier-ignore
  const rows = messages.map((message, at) => [at + 1, message, `E${(at % 3) + 1}`])
  write(join(root, 'Server', 'Server_2k.log_structured.csv'), csv(['LineId', 'Content', 'EventId'], rows))
  write(join(root, 'Server', 'Server_2k.log'), messages.map((message) => `2005-12-04 04:47:44 INFO server: ${message}\n`).join('')) // prettier-ignore
}
