/**
 * Loaded into a process under test with `--import`: kills it with SIGKILL at one boundary of one step, as a power cut would, or with
 * `KILL_WITH=SIGSTOP` freezes it. The boundary comes as
 * `KILL_AT="[<agent>/]<step>:<before|recorded|done|journaled>"`.
 */
import { subscribe } from 'node:diagnostics_channel'

const signal = process.env['KILL_WITH'] === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL'
const [where = '', phase] = (process.env['KILL_AT'] ?? '').split(':')
const [agent, step] = where.includes('/') ? where.split('/') : [undefined, where]
let met = false
if (step !== undefined && step !== '' && phase !== undefined) {
  subscribe('sre:step', (message) => {
    const at = message as { run: string; step: string; phase: string }
    if (agent !== undefined && !at.run.startsWith(`${agent}/`)) return
    if (met || at.step !== step || at.phase !== phase) return
    // one that wakes goes on undisturbed
    met = true
    process.kill(process.pid, signal)
  })
}
