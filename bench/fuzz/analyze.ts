/** Runs `sre analyze` on generated files: it must answer with numbers, or with an error that names the file. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { diagnose } from '../../analysis/diagnose.ts'
import { analyzeAnomalies } from '../../cli/analyze/anomalies.ts'
import { analyzeForecast } from '../../cli/analyze/forecast.ts'
import { analyzeLogs } from '../../cli/analyze/logs.ts'
import { analyzeRca } from '../../cli/analyze/rca.ts'
import type { Surface } from '../../cli/analyze/surface.ts'
import type { Chance } from './chance.ts'
import { garbled } from './mutate.ts'
import type { Target } from './runner.ts'

export const COMMANDS = ['rca', 'anomalies', 'forecast', 'logs'] as const

export interface Input {
  command: (typeof COMMANDS)[number]
  files: Record<string, Buffer>
  /** the file to pass to the command; null: the folder */
  file: string | null
}

export async function analyzing(make: (chance: Chance) => Input): Promise<Target<Input>> {
  const root = await mkdtemp(join(tmpdir(), 'fuzz-analyze-'))
  return {
    make,
    async attempt(input) {
      const dir = join(root, 'one')
      await mkdir(dir)
      for (const [name, bytes] of Object.entries(input.files)) await writeFile(join(dir, name), bytes)
      try {
        return `${input.command}: ${await outcomeOf(input, dir)}`
      } finally {
        await rm(dir, { recursive: true })
      }
    },
    show: ({ command, files, file }) =>
      [command, file, ...Object.entries(files).map(([name, bytes]) => `--- ${name}\n${bytes.toString('utf8').slice(0, 20_000)}`)].join('\n'), // prettier-ignore
    close: () => rm(root, { recursive: true, force: true }),
  }
}

export const single = (command: Input['command'], [name, bytes]: [string, Buffer]): Input => ({
  command,
  file: name,
  files: { [name]: bytes },
})

/** Usually unchanged; sometimes corrupted, sometimes compressed, and then sometimes damaged. */
export function bytesOf(name: string, text: string, chance: Chance): [string, Buffer] {
  const bytes = chance.one(0.06) ? garbled(text, chance) : Buffer.from(text)
  if (name.endsWith('.json') || !chance.one(0.1)) return [name, bytes]
  const packed = gzipSync(bytes)
  const damaged = chance.pick<() => Buffer>([
    () => packed,
    () => packed,
    () => packed.subarray(0, chance.below(packed.length)),
    () => Buffer.concat([packed, chance.bytes(20)]),
    () => Buffer.concat([packed, packed]),
    () => gzipSync(packed),
    () => bytes,
  ])
  return [`${name}.gz`, damaged()]
}

/** NaN or Infinity where a number belongs; a service may have such a name. */
const NO_NUMBER = /(?:from|to|of|,) ?-?(?:NaN|Infinity)(?: ms| %|,\d|,$)/m
const VERDICTS = ['incident', 'inconclusive', 'nothing_wrong']

async function outcomeOf({ command, file }: Input, dir: string): Promise<string> {
  const [out, err] = [sink(), sink()]
  const surface: Surface = { out, err, outIsTerminal: false, errIsTerminal: false, columns: 80, language: 'en' } as Surface // prettier-ignore
  const path = file === null ? dir : join(dir, file)
  const code = await run(command, path, surface)
  const told = err.text().split('\n').filter((line) => line !== '') // prettier-ignore
  if (told.some((line) => line.includes('could not be analysed'))) throw new Error(told.join('\n'))
  if (code === 1 && !told.some((line) => line.startsWith(dir)))
    throw new Error(`the error names no file: ${told.join('\n')}`)
  if (NO_NUMBER.test(out.text())) throw new Error(`not a number: ${out.text().slice(0, 2000)}`)
  if (code === 0 && command === 'rca') checkVerdict(JSON.parse(out.text()) as Record<string, unknown>)
  return code === 1 ? 'refused' : told.length > 0 ? 'answered with warnings' : 'answered'
}

function run(command: Input['command'], path: string, surface: Surface): Promise<number> {
  if (command === 'rca') return analyzeRca([path], { json: true }, surface, diagnose)
  if (command === 'anomalies') return analyzeAnomalies([path], {}, surface)
  if (command === 'logs') return analyzeLogs([path], { templates: true }, surface)
  return analyzeForecast([path], { horizon: 3, level: 0.95, capacity: 100 }, surface)
}

function checkVerdict(document: Record<string, unknown>): void {
  const { verdict, confidence, root_causes, onset } = document
  const scores = (root_causes as { score: unknown }[]).map(({ score }) => score)
  const sane =
    VERDICTS.includes(String(verdict)) &&
    isShare(confidence) &&
    scores.every(isShare) &&
    (onset === null || typeof onset === 'string')
  if (!sane) throw new Error(`an impossible verdict: ${JSON.stringify({ verdict, confidence, onset, scores })}`)
}

const isShare = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value <= 1

function sink(): Writable & { text(): string } {
  const chunks: string[] = []
  const writable = new Writable({
    decodeStrings: false,
    write: (chunk: string | Buffer, _encoding, done) => (chunks.push(String(chunk)), done()),
  })
  return Object.assign(writable, { text: () => chunks.join('') })
}
