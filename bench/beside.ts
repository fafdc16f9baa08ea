import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

/** Runs this program again with servers that are prepared for it: `servers` is the file that starts them. Returns the exit code. */
export function beside(servers: 'with-kafka.ts' | 'with-live.ts', program: string): number {
  const own = (file: string) => join(import.meta.dirname, '../test/servers', file)
  const node = (args: readonly string[]) => spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1
  return node([own('prepare.ts')]) || node([own(servers), process.execPath, program, ...process.argv.slice(2)])
}
