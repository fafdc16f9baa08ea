/** From the bytes of a record to what is concluded, on one core and without a bus. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Gathering } from '../../agents/anomaly/otlp/gather.ts'
import { decode } from '../../agents/anomaly/otlp/wire.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { exporting, START, STEP_MS } from './exports.ts'

export interface Watched {
  series: number
  points: number
  /** points a second of CPU time */
  decoded: number
  judged: number
  /** bytes a series, of the watcher and of the streams it is measured by */
  bytes: number
  /** of the whole process, with the records of one step */
  rss: number
  watcher: Watcher
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

const used = (): number => {
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** The first `warm` steps teach; those after them are measured. */
export function watch(series: number, warm: number, measured: number): Watched {
  const exports = exporting(series)
  const before = used()
  const gathering = new Gathering({ stepMs: STEP_MS })
  const watcher = new Watcher({ stepMs: STEP_MS, latenessMs: 0 })
  let [points, decoding, judging] = [0, 0, 0]
  for (let step = 1; step <= warm + measured; step += 1) {
    const { records, points: more } = exports.step(step)
    const end = START + step * STEP_MS
    const [began, decodedAlone] = [cpuSeconds(), () => records.forEach((record) => decode(record))]
    decodedAlone()
    const decoded = cpuSeconds()
    for (const record of records) gathering.add(decode(record), end)
    gathering.close(end)
    for (const service of exports.services)
      for (const sample of gathering.take({ service, namespace: 'shop' }, { start: end - STEP_MS, end })) watcher.add(sample, end) // prettier-ignore
    watcher.advance(end)
    if (step <= warm) continue
    points += more
    decoding += decoded - began
    judging += cpuSeconds() - decoded
  }
  const { series: known } = watcher.size
  const bytes = (used() - before) / known
  return { series: known, points, decoded: points / decoding, judged: points / judging, bytes, rss: process.memoryUsage.rss(), watcher } // prettier-ignore
}
