/** The forecasts that are open, and how they are produced, revised and closed. */
import { RANK } from '../watch/watched.ts'
import type { Forecast, ForecastEnding } from './forecasts.ts'
import { severityOf } from './severity.ts'

/** Judgments in a row that must agree before anything is said. */
const AGREE = 2
/** Share of the whole way from the start of a rise to the limit for which it must not be credible any more. */
const LASTING = 0.5
/** A fill time that moved by less than this share of the time that is left is not revised, however narrow its interval. */
const SLIGHT = 0.2

/** What the latest judgment of one resource says, without what only an announcement has. */
export type Judged = Omit<Forecast, 'id' | 'phase' | 'sequence' | 'ending'>

/** Plain data, so that it can be stored. */
export interface OpenForecast {
  /** what is measured */
  key: string
  /** as last announced; null: not yet, or not since it was full */
  told: Forecast | null
  /** judgments in a row that say something else than what was announced, and when the first of them was made */
  differing: number
  since: number
  /** it was full, and nothing has been freed since */
  isFull: boolean
}

export class OpenForecasts {
  readonly #open: Map<string, OpenForecast>

  constructor(open: readonly OpenForecast[] = []) {
    this.#open = new Map(structuredClone([...open]).map((one) => [one.key, one]))
  }

  snapshot(): OpenForecast[] {
    return structuredClone([...this.#open.values()])
  }

  list(): Forecast[] {
    return [...this.#open.values()].flatMap(({ told }) => told ?? [])
  }

  names(): string[] {
    return [...this.#open.keys()]
  }

  announceOpen(): Forecast[] {
    for (const one of this.#open.values())
      if (one.told !== null) one.told = { ...one.told, phase: 'produced', sequence: 0 }
    return this.list()
  }

  told(key: string): Forecast | null {
    return this.#open.get(key)?.told ?? null
  }

  isFull(key: string): boolean {
    return this.#open.get(key)?.isFull === true
  }

  /** A judgment that it will be full; returns what is to be announced. */
  filling(key: string, judged: Judged): Forecast[] {
    const open = this.#open.get(key) ?? { key, told: null, differing: 0, since: judged.at, isFull: false }
    this.#open.set(key, open)
    if (open.isFull) return []
    if (open.told !== null && !hasMoved(open.told, judged) && !isMoreUrgent(open.told, judged)) open.differing = 0
    else if (differs(open, judged.at) >= AGREE) return [this.#say(open, judged)]
    return []
  }

  #say(open: OpenForecast, judged: Judged): Forecast {
    open.differing = 0
    open.told = {
      ...judged,
      id: open.told?.id ?? `${judged.service}/${judged.indicator}@${judged.at}`,
      phase: open.told === null ? 'produced' : 'revised',
      sequence: open.told === null ? 0 : open.told.sequence + 1,
      ending: null,
    }
    return open.told
  }

  /**
   * A judgment that it will not be full. It counts once it has lasted, for a rise over a season is steeper by day than by night, or once it should have been
   * full.
   */
  notFilling(key: string, at: number): Forecast[] {
    const open = this.#open.get(key)
    if (open === undefined || open.isFull) return []
    if (open.told === null) return this.#forget(key)
    const { full, since } = open.told
    const isOver = at >= (full.latest ?? full.at) || at - open.since >= LASTING * (full.at - since)
    return differs(open, at) >= AGREE && isOver ? this.close(key, at, 'slowed') : []
  }

  /** `now`: the value that was measured last, if any was. Nothing is announced of what is full until `freed`. */
  close(key: string, at: number, ending: ForecastEnding, now?: number): Forecast[] {
    const told = this.told(key)
    if (ending === 'full') this.#open.set(key, { key, told: null, differing: 0, since: at, isFull: true })
    else this.#forget(key)
    if (told === null) return []
    return [{ ...told, phase: 'closed', sequence: told.sequence + 1, at, ending, now: now ?? told.now }]
  }

  #forget(key: string): [] {
    this.#open.delete(key)
    return []
  }
}

function differs(open: OpenForecast, at: number): number {
  if (open.differing === 0) open.since = at
  return (open.differing += 1)
}

/** As sure as it was, but nearer: whoever left it until later must hear of it. */
const isMoreUrgent = (told: Forecast, judged: Judged): boolean =>
  RANK[severityOf({ ...judged, ending: null })] > RANK[severityOf(told)]

/** Out of its interval. Without a latest moment, as far after the fill time as the earliest is before it. */
function hasMoved({ full }: Forecast, { at, full: next }: Judged): boolean {
  const latest = full.latest ?? 2 * full.at - full.earliest
  const isOut = next.at < full.earliest || next.at > latest
  return isOut && Math.abs(next.at - full.at) > SLIGHT * (next.at - at)
}
