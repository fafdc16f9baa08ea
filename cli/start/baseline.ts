/** Waits until the shop has run normally for long enough that an incident stands out. */
import { setTimeout as delay } from 'node:timers/promises'
import { shopRules } from '../../embedded/control-plane/rules.ts'
import type { IndicatorSample } from '../../lab/indicators.ts'
import type { Lab } from '../../lab/lab.ts'
import type { ClientContext } from '../login/context.ts'
import { paint } from '../terminal/line.ts'
import { shown } from './texts.ts'

/** ms of uninterrupted normal operation */
export const BASELINE_MS = 20_000
/** On a busy machine the shop may never run normally for that long. */
const LIMIT_MS = 180_000
/** share of an alert threshold from which a measurement is not normal */
const NEAR = 0.5

export interface Baseline {
  /** Waits for the rest of the baseline, and says so. Without one after three minutes it says that the machine is too busy, and goes on. */
  complete(context: Pick<ClientContext, 'print' | 'note' | 'language'>): Promise<void>
}

/** Starts measuring at once. */
export function collectBaseline({ onSamples }: Pick<Lab, 'onSamples'>, limitMs = LIMIT_MS): Baseline {
  let calmMs = 0
  const measure = calmTime()
  const reached = new Promise<void>((resolve) => {
    const leave = onSamples((round) => {
      calmMs = measure(round)
      if (calmMs < BASELINE_MS) return
      leave()
      resolve()
    })
  })
  return {
    complete: async ({ print, note, language }) => {
      if (calmMs < BASELINE_MS) print(paint('dim', shown.baseline(Math.ceil((BASELINE_MS - calmMs) / 1000))[language]))
      const done = new AbortController()
      const late = delay(limitMs, 'late' as const, { signal: done.signal })
      late.catch(() => undefined)
      if ((await Promise.race([reached, late])) === 'late') note(shown.busy(BASELINE_MS / 1000)[language])
      done.abort()
    },
  }
}

/** ms of normal operation up to each round of measurements; a round close to an alert starts it again. */
export function calmTime(): (round: readonly IndicatorSample[]) => number {
  let since: number | null = null
  return (round) => {
    const at = Math.max(...round.map(({ time }) => time))
    since = isNormal(round) ? (since ?? at) : null
    return since === null ? 0 : at - since
  }
}

const isNormal = (round: readonly IndicatorSample[]): boolean =>
  round.length > 0 &&
  !round.some(({ indicator, value }) =>
    shopRules.some((rule) => rule.indicator === indicator && value > NEAR * rule.above),
  )
