/**
 * Sock Shop under CPU and memory faults (azamikram/rcd; protocol of BARO, Pham et al., FSE 2024: without the 50th and 99th percentile and without
 * columns constant in either half). Each case is asked with the onset, with one a minute late, and without. The two halves of the normal time make a
 * question whose answer is that nothing is wrong.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Observations, Series } from '../../analysis/observations.ts'
import { csvRows, cut, EMPTY, MINUTE, seriesOf, type EvaluationCase, type EvaluationSet } from '../rankings/cases.ts'

const LEFT_OUT = /_lat_(?:50|99)$/
const UNITS: Record<string, string> = { mem: 'bytes', lat_90: 's' }

export function sockShop(root: string): EvaluationSet {
  const folders = readdirSync(root).sort()
  const cases = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .sort()
      .flatMap((number) => casesOf(join(root, folder, number), folder, number)),
  )
  return { name: 'sock-shop', cases }
}

function casesOf(dir: string, folder: string, number: string): EvaluationCase[] {
  const truth = folder.slice(0, folder.lastIndexOf('-'))
  const common = { system: 'sock-shop', front: 'front-end' }
  const given = ({ series, start, onset, end }: Halves): Observations => ({
    ...EMPTY,
    series,
    window: { start, end },
    onset,
  })
  const asked = (group: string, answer: string | null, observations: (read: Halves) => Observations) => ({
    ...common,
    group: `sock-shop, ${group}`,
    id: `${folder}/${number}`,
    kind: folder.slice(folder.lastIndexOf('-') + 1),
    truth: answer,
    observations: () => observations(readHalves(dir)),
    ...(answer === null ? {} : { exactly: () => given(readHalves(dir)) }),
  })
  return [
    asked('onset given', truth, given),
    asked('onset 60 s late', truth, (read) => ({ ...given(read), onset: read.onset + MINUTE })),
    asked('no onset', truth, ({ series, start, end }) => ({ ...EMPTY, series, window: { start, end } })),
    asked('fault-free', null, ({ series, start, onset }) => {
      const window = { start, end: onset }
      return { ...EMPTY, series: cut(series, [window]), window }
    }),
  ]
}

/** The protocol puts normal rows first; in one case they were measured later, so their times are moved before the fault. */
function inTurn(before: readonly number[], during: readonly number[]): number[] {
  const late = before.at(-1)! + 1000 - during[0]!
  return [...before.map((time) => time - Math.max(0, late)), ...during]
}

interface Halves {
  series: Series[]
  start: number
  onset: number
  end: number
}

function readHalves(dir: string): Halves {
  const [normal, faulty] = [csvRows(join(dir, 'normal.csv')), csvRows(join(dir, 'anomalous.csv'))]
  const [before, during] = [normal.slice(1), faulty.slice(1)]
  const timesOf = (rows: readonly string[][]): number[] => rows.map((row) => Number(row[0]) * 1000)
  const times = inTurn(timesOf(before), timesOf(during))
  const series = normal[0]!.slice(1).flatMap((column, index) => {
    const place = faulty[0]!.indexOf(column)
    const [was, is] = [before.map((row) => row[index + 1]), during.map((row) => row[place])]
    if (LEFT_OUT.test(column) || new Set(was).size < 2 || new Set(is).size < 2) return []
    const [service, indicator] = [column.slice(0, column.indexOf('_')), column.slice(column.indexOf('_') + 1)]
    const unit = UNITS[indicator]
    return [seriesOf({ service, indicator, ...(unit === undefined ? {} : { unit }) }, times, [...was, ...is])]
  })
  return { series, start: times[0]!, onset: times[before.length]!, end: times.at(-1)! + 1000 }
}
