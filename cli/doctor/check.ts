/** One check of `sre doctor`, and its result. */
import type { Texts } from '../../gateway/present/texts.ts'
import { within } from '../../bus/kafka/within.ts'
import { wordsOf } from '../../agents/tools/answer.ts'
import { doctor as texts } from './texts.ts'

/** `warning`: it works, but needs attention. `not_configured` and `not_checked` never count as `ok`. */
export type State = 'ok' | 'warning' | 'failed' | 'not_configured' | 'not_checked'

export interface Finding {
  state: State
  says: Texts
  /** what to do about it */
  todo?: Texts
  /** messages from other systems */
  details?: readonly string[]
  /** the variable that is not set */
  variable?: string
}

export interface Check {
  /** stable, for scripts */
  id: string
  look(): Promise<Finding>
}

export interface Found extends Finding {
  id: string
}

const LIMIT_MS = 10_000

/** Runs all checks at the same time. One that throws or takes too long counts as failed; the others continue. */
export const lookAll = (checks: readonly Check[], limitMs = LIMIT_MS): Promise<Found[]> =>
  Promise.all(
    checks.map(async ({ id, look }) => {
      try {
        return { id, ...(await within(limitMs, look(), `no answer within ${limitMs / 1000} s`)) }
      } catch (error) {
        return { id, state: 'failed' as const, says: texts.failed(wordsOf(error)), todo: texts.todoOf(id) }
      }
    }),
  )

export const ok = (says: Texts): Finding => ({ state: 'ok', says })
export const notConfigured = (variable: string): Finding => ({
  state: 'not_configured',
  says: texts.notConfigured(variable),
  variable,
})
