/**
 * Loaded into a process under test with `--import`: kills it with SIGKILL at one boundary of one step, as a power cut would, or with
 * `KILL_WITH=SIGSTOP` freezes it. The boundary comes as `KILL_AT="[<agent or run>/]<step>:<before|recorded|done|journaled>"`.
 * With `BOUNDARIES=FILE` it keeps there every boundary it met, as `<run>/<step>:<phase>`.
 */
import { subscribe } from 'node:diagnostics_channel'
import { appendFileSync } from 'node:fs'

const signal = process.env['KILL_WITH'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL'
const [, of, step, phase] = /^(?:(.*)\/)?([^/]+):(\w+)$/.exec(process.env['KILL_AT'] ?? '') ?? []
let met = false
if (step !== undefined) {
  subscribe('sre:step', (message) => {
    const at = message as { run: string; step: string; phase: string }
    if (of !== undefined && at.run !== of && !at.run.startsWith(`${of}/`)) return
    if (met || at.step !== step || at.phase !== phase) return
    // one that wakes goes on undisturbed
    met = true
    process.kill(process.pid, signal)
  })
}

const kept = process.env['BOUNDARIES']
if (kept !== undefined)
  subscribe('sre:step', (message) => {
    const { run, step, phase } = message as { run: string; step: string; phase: string }
    appendFileSync(kept, `${run}/${step}:${phase}\n`)
  })
