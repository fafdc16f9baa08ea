/**
 * `npm run fuzz -- TARGET [--seconds N | --runs N] [--seed N] [--from N]`: runs generated inputs against a part of the platform; each file in
 * `fuzz/targets/` is a target. A seed always gives the same inputs. If an input fails, crashes the thread or hangs, its number is reported.
 */
import { readdirSync } from 'node:fs'
import { join, parse } from 'node:path'
import { Worker } from 'node:worker_threads'
import { count, readArguments, refuse } from './arguments.ts'
import type { Failure, Report } from './fuzz/runner.ts'
import type { Work } from './fuzz/thread.ts'

/** Limits for every input, on any machine. */
const HANGS_AFTER_MS = 30_000
const HEAP_MB = 512

const targets = readdirSync(join(import.meta.dirname, 'fuzz/targets')).map((file) => parse(file).name)
const USAGE = `usage: npm run fuzz -- TARGET [--seconds N | --runs N] [--seed N] [--from N]

  TARGET       ${targets.join(', ')}
  --seconds N  how long (default: 60)
  --runs N     how many inputs
  --seed N     the same inputs as with this seed
  --from N     the first input`
const { values, positionals } = readArguments(USAGE, {
  allowPositionals: true,
  options: {
    seconds: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    from: { type: 'string', default: '0' },
  },
})
const [name = ''] = positionals
if (positionals.length !== 1) refuse(USAGE)
if (!targets.includes(name)) refuse(USAGE, `there is no target '${name}'`)
for (const [option, text] of Object.entries(values)) count(USAGE, `--${option}`, text, 0)
const seed = Number(values.seed)
const seconds = values.seconds === undefined && values.runs === undefined ? 60 : Number(values.seconds ?? Infinity)
const amount = { seed, from: Number(values.from), runs: Number(values.runs ?? Infinity), seconds }
const began = performance.now()
const { tried, outcomes, failure } = await apart(name)
console.log(`${name}: ${tried.toLocaleString('en')} inputs of seed ${seed} in ${((performance.now() - began) / 1000).toFixed(1)} s`) // prettier-ignore
for (const [outcome, count] of Object.entries(outcomes)) console.log(`  ${outcome}: ${count.toLocaleString('en')}`)
if (failure !== null) {
  console.log(`FAILED at input ${failure.number}: ${failure.error}\n${failure.input}`)
  console.log(`again: npm run fuzz -- ${name} --seed ${seed} --from ${failure.number} --runs 1`)
}
process.exit(failure === null ? 0 : 1)

/** Runs in a thread, so that a hang, a full heap or a stack overflow is reported here. */
function apart(target: string): Promise<Report> {
  const inHand = new Int32Array(new SharedArrayBuffer(4))
  const workerData: Work = { target, amount, inHand }
  const worker = new Worker(new URL('./fuzz/thread.ts', import.meta.url), {
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const failedIn = (error: string): Report => {
    const number = Atomics.load(inHand, 0) - 1
    const failure: Failure = { number, error, input: 'reproduce it with the line below' }
    return { tried: Math.max(0, number + 1 - amount.from), outcomes: {}, failure }
  }
  return new Promise((resolve) => {
    let last = -1
    const watch = setInterval(() => {
      const now = Atomics.load(inHand, 0)
      // 0: still opening
      if (now === last && now !== 0) resolve(failedIn(`it did not return within ${HANGS_AFTER_MS / 1000} s`))
      last = now
    }, HANGS_AFTER_MS)
    worker.once('message', resolve)
    worker.once('error', (error) => resolve(failedIn(String(error))))
    worker.once('exit', () => resolve(failedIn('the thread ended')))
    worker.once('exit', () => clearInterval(watch))
  })
}
