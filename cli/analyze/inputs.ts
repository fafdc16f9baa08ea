/** Inputs one after the other: one that is bad is told of, and the others are still answered. */
import { RecordingError, type Warning, placeText } from '../../recording/recording-error.ts'
import type { Surface } from './surface.ts'

/** Resolves to the exit code: 0, or 1 when an input was bad. */
export async function eachInput(
  inputs: readonly string[],
  surface: Surface,
  work: (input: string) => Promise<void>,
): Promise<number> {
  let code = 0
  for (const input of inputs)
    try {
      await work(input)
    } catch (error) {
      code = 1
      surface.err.write(`${reasonOf(error, input)}\n`)
    }
  return code
}

function reasonOf(error: unknown, input: string): string {
  if (error instanceof RecordingError) return error.message
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
    return `${input}: ${error.code === 'ENOENT' ? 'no such file or folder' : error.message}`
  throw error
}

export function tellWarnings(warnings: readonly Warning[], surface: Surface): void {
  for (const { place, reason, count } of warnings)
    surface.err.write(`${placeText(place)}: ${reason}${count > 1 ? ` (${count} times)` : ''}\n`)
}
