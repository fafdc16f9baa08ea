import { addressVariable } from './client.ts'
import { runKeeper } from './run-keeper.ts'

/** Vitest's global set-up: starts the keeper, which starts a server only when a test asks for it. */
export default async function setup(): Promise<() => Promise<void>> {
  const keeper = await runKeeper(process.env)
  process.env[addressVariable] = keeper.url
  return async () => {
    delete process.env[addressVariable]
    await keeper.close()
  }
}
