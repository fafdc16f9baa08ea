import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A running keeper: its URL, and how to stop it with all its servers. */
export type Keeper = { url: string; close(): Promise<void> }

export async function runKeeper(environment: NodeJS.ProcessEnv): Promise<Keeper> {
  const keeper = spawn(process.execPath, [new URL('keeper.ts', import.meta.url).pathname], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
    // Not in the terminal's process group: after an interrupt it ends when the pipe closes, after the tests.
    detached: true,
  })
  const lines = createInterface({ input: keeper.stdout })
  const [url] = (await Promise.race([
    once(lines, 'line'),
    once(keeper, 'exit').then(([code]) =>
      Promise.reject(new Error(`The keeper of servers ended with ${String(code)}`)),
    ),
  ])) as [string]
  return {
    url,
    async close() {
      const ended = once(keeper, 'exit')
      keeper.stdin.end()
      await ended
    },
  }
}
