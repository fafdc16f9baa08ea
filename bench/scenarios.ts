/**
 * `npm run scenarios [FAULT]...`: records every fault of the lab, or these, in the simulated shop, into test/scenarios, and what must be concluded from
 * each into bench/truth. The same seed gives the same recording.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FAULT_NAMES, isFault } from '../lab/faults.ts'
import { readArguments, refuse } from './arguments.ts'
import { recordFault, type RecordedFault } from './scenarios/record-fault.ts'
import { idOf, truthOf } from './scenarios/truths.ts'

const USAGE = `usage: npm run scenarios [FAULT]...

  FAULT  ${FAULT_NAMES.join(', ')} (default: all)`
const { positionals } = readArguments(USAGE, { allowPositionals: true, options: {} })
const names = positionals.map((name) => (isFault(name) ? name : refuse(USAGE, `there is no fault '${name}'`)))
const root = join(import.meta.dirname, '..')

for (const name of names.length === 0 ? FAULT_NAMES : names) {
  write(join(root, 'test/scenarios', idOf(name)), await recordFault(name))
  writeFileSync(join(root, 'bench/truth', `${idOf(name)}.json`), document(truthOf(name)))
  console.log(`${idOf(name)}: ${name}`)
}

function write(dir: string, { texts, documents }: RecordedFault): void {
  rmSync(dir, { recursive: true, force: true })
  mkdirSync(dir, { recursive: true })
  for (const [file, text] of Object.entries(texts)) writeFileSync(join(dir, `${file}.gz`), gzipSync(text, { level: 9 }))
  for (const [file, value] of Object.entries(documents)) writeFileSync(join(dir, file), document(value))
}

function document(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`
}
