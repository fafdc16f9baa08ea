/**
 * Loaded with `--import` into a process under test: kills it with SIGKILL at one phase of one step, like a power cut, or freezes it with
 * `KILL_WITH=SIGSTOP`. The place is given as `KILL_AT="[<agent or run>/]<step>:<before|recorded|done|journaled>"`. With `BOUNDARIES=FILE` it appends
 * every phase it meets to that file, the last one included, as `<run>/<step>:<phase>`.
 */
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'

const kept = process.env['BOUNDARIES']
if (kept !== undefined)
  subscribe('sre:step', (message) => {
    const { run, step, phase } = message as { run: string; step: string; phase: string }
    appendFileSync(kept, `${run}/${step}:${phase}\n`)
  })

const signal = process.env['KILL_WITH'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL'
const [, of, step, phase] = /^(?:(.*)\/)?([^/]+):(\w+)$/.exec(process.env['KILL_AT'] ?? '') ?? []
let met = false
if (step !== undefined) {
  subscribe('sre:step', (message) => {
    const at = message as { run: string; step: string; phase: string }
    if (of !== undefined && at.run !== of && !at.run.startsWith(`${of}/`)) return
    if (met || at.step !== step || at.phase !== phase) return
    // after SIGCONT it continues undisturbed
    met = true
    process.kill(process.pid, signal)
  })
}
