import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { addressVariable } from './client.ts'

/** Vitest's global set-up: starts the keeper, which starts a server only when a test asks for one. */
export default async function setup(): Promise<() => Promise<void>> {
  const keeper = spawn(process.execPath, [new URL('keeper.ts', import.meta.url).pathname], {
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in the terminal's group: an interrupted run ends it by closing the pipe, after the tests are gone.
    detached: true,
  })
  for await (const line of createInterface({ input: keeper.stdout })) {
    process.env[addressVariable] = line
    break
  }
  return async () => {
    delete process.env[addressVariable]
    const ended = once(keeper, 'exit')
    keeper.stdin.end()
    await ended
  }
}
