/** Processes inputs one after the other: errors and warnings are reported, and the other inputs are still analysed. */
import { RecordingError, placeText, type Warning } from '../../recording/recording-error.ts'
import { unreadText } from '../../recording/rows.ts'
import { Warnings } from '../../recording/warnings.ts'
import type { Text } from '../../analysis/verdict.ts'
import { tell, type Surface } from './surface.ts'

export interface InputOptions {
  /** an unreadable row is an error; otherwise it is skipped with a warning */
  strict?: boolean
}

/** Resolves to the exit code: 0, or 1 if an input was invalid. Skipped rows are only a warning. */
export async function eachInput(
  inputs: readonly string[],
  { strict = false }: InputOptions,
  surface: Surface,
  work: (input: string, warnings: Warnings) => Promise<void>,
): Promise<number> {
  let code = 0
  for (const input of inputs) {
    const warnings = new Warnings({ strict })
    try {
      await work(input, warnings).finally(() => tellWarnings(warnings.list(), surface))
    } catch (error) {
      code = 1
      tell(surface, told(error, input))
    }
  }
  return code
}

/** The message for any error, so that the other inputs are still analysed. */
const told = (error: unknown, input: string): string =>
  error instanceof RecordingError || isOfTheSystem(error)
    ? error.message
    : `${input}: could not be analysed: ${String(error)}`

/** A system error, such as a folder without write permission; its message names the path. */
const isOfTheSystem = (error: unknown): error is Error => error instanceof Error && 'syscall' in error

export function tellWarnings(warnings: readonly Warning[], surface: Surface): void {
  for (const warning of warnings) {
    const { place, reason, count, unreadOf } = warning
    const what = unreadOf === undefined ? `${reason}${count > 1 ? ` (${count} times)` : ''}` : leftOut(warning)
    tell(surface, `${placeText(place)}: ${what}`)
  }
}

const leftOut = ({ reason, count, unreadOf }: Warning): string =>
  `${reason}: left out, ${count === 1 ? 'the only one' : `with ${count - 1} more`} of ${unreadOf} rows`

/** The warnings for JSON output, as in docs/reference/recording.md. */
export const warningsOf = (warnings: readonly Warning[]) =>
  warnings.map(({ place, reason, count, unreadOf }) => ({
    ...place,
    reason,
    count,
    ...(unreadOf === undefined ? {} : { left_out_of: unreadOf }),
  }))

/** Messages about skipped rows. */
export const unreadOf = (warnings: readonly Warning[]): Text[] =>
  warnings.flatMap((warning) => (warning.unreadOf === undefined ? [] : unreadText(warning)))
