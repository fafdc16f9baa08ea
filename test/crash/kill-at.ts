/**
 * Loaded into a process under test with `--import`: kills it with SIGKILL at one boundary of one step, as a power cut would. The
 * boundary comes as `KILL_AT="<step>:<before|done|journaled>"`.
 */
import { subscribe } from 'node:diagnostics_channel'

const [step, phase] = (process.env['KILL_AT'] ?? '').split(':')
if (step !== undefined && phase !== undefined) {
  subscribe('sre:step', (message) => {
    const at = message as { step: string; phase: string }
    if (at.step === step && at.phase === phase) process.kill(process.pid, 'SIGKILL')
  })
}
