/** Inputs one after the other: one that is bad is told of, as is what was read in a lossy way, and the others are still answered. */
import { RecordingError, Warnings, placeText, type Warning } from '../../recording/recording-error.ts'
import { tell, type Surface } from './surface.ts'

/** Resolves to the exit code: 0, or 1 when an input was bad. */
export async function eachInput(
  inputs: readonly string[],
  surface: Surface,
  work: (input: string, warnings: Warnings) => Promise<void>,
): Promise<number> {
  let code = 0
  for (const input of inputs) {
    const warnings = new Warnings()
    try {
      await work(input, warnings).finally(() => tellWarnings(warnings.list(), surface))
    } catch (error) {
      code = 1
      tell(surface, told(error, input))
    }
  }
  return code
}

/** The last line of defence: whatever an input brings about, the others are answered. */
const told = (error: unknown, input: string): string =>
  error instanceof RecordingError || isOfTheSystem(error)
    ? error.message
    : `${input}: could not be analysed: ${String(error)}`

/** Such as a folder that may not be written to; the message names it. */
const isOfTheSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error

export function tellWarnings(warnings: readonly Warning[], surface: Surface): void {
  for (const { place, reason, count } of warnings)
    tell(surface, `${placeText(place)}: ${reason}${count > 1 ? ` (${count} times)` : ''}`)
}
