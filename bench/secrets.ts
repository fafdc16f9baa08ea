/**
 * `node bench/secrets.ts [--misses] [LOG...]`: how many planted secrets the redaction finds, how many look-alikes it masks, also in lines of log
 * files, and how long a megabyte takes.
 */
import { readFileSync } from 'node:fs'
import { redactText, redactValue } from '../agents/runtime/redaction.ts'
import { count, readArguments } from './arguments.ts'
import { lookAlikes } from './secrets/look-alikes.ts'
import { findPlanted, touched } from './secrets/measure.ts'
import { plantedOfGitleaks } from './secrets/of-gitleaks.ts'
import { plantedSecrets } from './secrets/planted.ts'

const USAGE = `usage: node bench/secrets.ts [--misses] [--seed N] [LOG...]

  LOG       files whose lines contain no secrets
  --misses  list what was missed, and what was masked
  --seed N  draws the secrets (default: 1)`
const { values, positionals } = readArguments(USAGE, { options: { misses: { type: 'boolean', default: false }, seed: { type: 'string', default: '1' } }, allowPositionals: true }) // prettier-ignore
const seed = count(USAGE, '--seed', values.seed, 0)
const share = (part: number, of: number): string => `${((100 * part) / of).toFixed(2)} %`

for (const [set, secrets] of [
  ['planted', plantedSecrets(seed)],
  ['drawn from the rules of gitleaks', plantedOfGitleaks(seed)],
] as const) {
  const { planted, kinds, missed } = findPlanted(secrets)
  const found = planted - missed.length
  console.log(`${set}: ${found} of ${planted} found (${share(found, planted)}), ${kinds} kinds`)
  if (values.misses) for (const { kind, given } of missed) console.log(`  ${kind}: ${JSON.stringify(given)}`)
}

const sets = [['look-alikes', lookAlikes(seed)] as const, ...positionals.map((file) => [file, readFileSync(file, 'utf8').split(/\r?\n/).filter((line) => line !== '')] as const)] // prettier-ignore
for (const [name, lines] of sets) {
  const changed = touched(lines)
  console.log(`${name}: ${changed.length} of ${lines.length} touched (${share(changed.length, lines.length)})`)
  if (values.misses) for (const line of changed) console.log(`  ${redactText(line).text}`)
}

const lines = sets.flatMap(([, all]) => all)
const megabyte = {
  lines: Array.from({ length: 10_000 }, (_, at) => ({ message: lines[at % lines.length]!, service: 'cart' })),
}
const bytes = JSON.stringify(megabyte).length
redactValue(megabyte)
const began = process.cpuUsage()
redactValue(megabyte)
const { user, system } = process.cpuUsage(began)
console.log(
  `speed: ${(bytes / (user + system)).toFixed(1)} MB a second of CPU time, of ${(bytes / 1e6).toFixed(1)} MB in 10,000 lines`,
)
