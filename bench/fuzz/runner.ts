/** Tries one made input after another on a part of the platform, until it fails or the amount is reached. */
import { inspect } from 'node:util'
import { type Chance, chanceFrom, seedOf } from './chance.ts'

/** A file of `targets/` exports `open`, which gives one. */
export interface Target<Input = unknown> {
  make(chance: Chance): Input
  /** What came of it, or of each of its parts, in few words (`decoded`, `undecodable`), which are counted. What it throws is a failure. */
  attempt(input: Input): string | Promise<string | readonly string[]>
  /** how a failing input is shown; default: as Node inspects it */
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
  /** makes the input again, together with the seed */
  number: number
  error: string
  input: string
}

export interface Report {
  tried: number
  /** how often each word came of an input */
  outcomes: Record<string, number>
  failure: Failure | null
}

/** At least one of `runs` and `seconds` ends it. `begun` hears of each input before it is tried: what never returns is known by it. */
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
