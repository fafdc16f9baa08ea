/** Runs generated inputs against a part of the platform until one fails or the limit is reached. */
import { inspect } from 'node:util'
import { type Chance, chanceFrom, seedOf } from './chance.ts'

/** A fuzz target; each file of `targets/` exports `open`, which returns one. */
export interface Target<Input = unknown> {
  make(chance: Chance): Input
  /** Returns the outcome, or that of each part, as short words (`decoded`, `undecodable`), which are counted. An error thrown is a failure. */
  attempt(input: Input): string | Promise<string | readonly string[]>
  /** prints a failing input; default: Node's inspect */
  show?(input: Input): string
  close?(): Promise<void>
}

export interface Amount {
  seed: number
  /** number of the first input; default 0 */
  from?: number
  runs?: number
  seconds?: number
}

export interface Failure {
  /** reproduces the input, together with the seed */
  number: number
  error: string
  input: string
}

export interface Report {
  tried: number
  /** count of each outcome */
  outcomes: Record<string, number>
  failure: Failure | null
}

/** Ends after `runs` or `seconds`; at least one must be given. `begun` is called before each input, so that one that hangs is known. */
export async function fuzz<Input>(
  target: Target<Input>,
  { seed, from = 0, runs = Infinity, seconds = Infinity }: Amount,
  begun: (number: number) => void = () => {},
): Promise<Report> {
  const end = performance.now() + seconds * 1000
  const report: Report = { tried: 0, outcomes: {}, failure: null }
  for (let number = from; number < from + runs && performance.now() < end; number++) {
    begun(number)
    const input = target.make(chanceFrom(seedOf(seed, number)))
    report.tried++
    try {
      for (const outcome of [await target.attempt(input)].flat())
        report.outcomes[outcome] = (report.outcomes[outcome] ?? 0) + 1
    } catch (error) {
      return { ...report, failure: { number, error: inspect(error), input: (target.show ?? shown)(input) } }
    }
  }
  return report
}

const shown = (input: unknown): string => inspect(input, { depth: 10, maxStringLength: 4_000, maxArrayLength: 4_000 })
