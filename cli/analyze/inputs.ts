/** Inputs one after the other: one that is bad is told of, as is what was read in a lossy way, and the others are still answered. */
import { RecordingError, placeText, type Warning } from '../../recording/recording-error.ts'
import { unreadText } from '../../recording/rows.ts'
import { Warnings } from '../../recording/warnings.ts'
import type { Text } from '../../analysis/verdict.ts'
import { tell, type Surface } from './surface.ts'

export interface InputOptions {
  /** a row that cannot be read makes its input bad; otherwise it is left out, and told of */
  strict?: boolean
}

/** Resolves to the exit code: 0, or 1 when an input was bad. Rows that were left out make none bad: the rest is answered, and says so. */
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

/** The last line of defence: whatever an input brings about, the others are answered. */
const told = (error: unknown, input: string): string =>
  error instanceof RecordingError || isOfTheSystem(error)
    ? error.message
    : `${input}: could not be analysed: ${String(error)}`

/** Such as a folder that may not be written to; the message names it. */
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

/** For the answer itself, in the shape of docs/reference/recording.md. */
export const warningsOf = (warnings: readonly Warning[]) =>
  warnings.map(({ place, reason, count, unreadOf }) => ({
    ...place,
    reason,
    count,
    ...(unreadOf === undefined ? {} : { left_out_of: unreadOf }),
  }))

/** Sentences about rows that were left out. */
export const unreadOf = (warnings: readonly Warning[]): Text[] =>
  warnings.flatMap((warning) => (warning.unreadOf === undefined ? [] : unreadText(warning)))
