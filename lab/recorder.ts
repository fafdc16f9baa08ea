/** Keeps what the shop says as a recording that grows (docs/reference/recording.md). A restart goes on where the last one ended. */
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { IndicatorSample } from './indicators.ts'
import type { ShopLogLine } from './log-lines.ts'
import { dependencies } from './releases.ts'
import { writeWhole } from './state.ts'

export interface Recorder {
  dir: string
  samples(samples: readonly IndicatorSample[]): void
  log(line: ShopLogLine): void
  close(): Promise<void>
}

export async function openRecorder(dir: string, clock: () => number): Promise<Recorder> {
  await mkdir(dir, { recursive: true })
  if (!existsSync(join(dir, 'incident.json'))) await describe(dir, clock())
  const fresh = !existsSync(join(dir, 'metrics.csv'))
  const metrics = createWriteStream(join(dir, 'metrics.csv'), { flags: 'a' })
  const logs = createWriteStream(join(dir, 'logs.jsonl'), { flags: 'a' })
  if (fresh) metrics.write('timestamp,service,instance,indicator,unit,value\n')
  return {
    dir,
    samples: (samples) => void metrics.write(samples.map(row).join('')),
    log: ({ timestamp, ...line }) =>
      void logs.write(`${JSON.stringify({ timestamp: new Date(timestamp).toISOString(), ...line })}\n`),
    close: async () => {
      await Promise.all([metrics, logs].map((stream) => new Promise((resolve) => stream.end(() => resolve(null)))))
    },
  }
}

const row = ({ time, service, instance, indicator, unit, value }: IndicatorSample): string =>
  `${new Date(time).toISOString()},${service},${instance},${indicator},${unit},${value}\n`

async function describe(dir: string, now: number): Promise<void> {
  const edges = Object.entries(dependencies).flatMap(([from, all]) => all.map((to) => ({ from, to })))
  const at = new Date(now).toISOString()
  await writeWhole(join(dir, 'graph.json'), `${JSON.stringify({ edges })}\n`)
  await writeWhole(
    join(dir, 'incident.json'),
    `${JSON.stringify({ id: 'shop', title: 'The shop, live', asked_at: at, window: { start: at, end: at } })}\n`,
  )
}
