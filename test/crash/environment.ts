/** Environments of processes whose coverage is not measured: they start from compiled code that is kept, in half the time. */
import { join } from 'node:path'

/** Instead of coverage: with both, it would count whole functions. */
export const compiled = { NODE_COMPILE_CACHE: join(import.meta.dirname, '../../node_modules/.cache/compiled') }

/** A killed process never writes its coverage. */
export function environmentOfKilled(): NodeJS.ProcessEnv {
  const { NODE_V8_COVERAGE: _, ...inherited } = process.env
  return { ...inherited, ...compiled }
}
