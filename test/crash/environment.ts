/** Environment of a process that a test kills. It measures no coverage, which a killed process never writes, and starts from compiled code that is kept. */
import { join } from 'node:path'

export function environmentOfKilled(): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _, ...inherited } = process.env
  return { ...inherited, NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled') }
}
