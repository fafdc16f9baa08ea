/**
 * Decides whether an expression's matching time is linear in the text. It counts steps instead of measuring time, so the answer is the same on every
 * machine.
 */
import { createRequire } from 'node:module'
import type { Parameters } from 'recheck'

/** The JavaScript build; the other one needs Java or a native program. */
const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as typeof import('recheck')

export type Judgement =
  { linear: true } | { linear: false; how: string; attack: string } | { linear: null; reason: string }

/** The automaton-based result is exact. Expressions with look-around or back-references are attacked with generated strings. */
const BUDGET = {
  timeout: null,
  attackTimeout: null,
  incubationTimeout: null,
  seedingTimeout: null,
  recallTimeout: -1,
  incubationLimit: 10_000,
  attackLimit: 20_000_000,
  maxAttackStringSize: 20_000,
  maxInitialGenerationSize: 60,
  maxGenerationSize: 30,
  maxIteration: 2,
  mutationSize: 20,
  crossoverSize: 10,
  randomSeed: 0,
} satisfies Parameters

export function judge(source: string, flags: string): Judgement {
  const found = checkSync(withSmallBounds(source), flags, BUDGET)
  if (found.status === 'safe') return { linear: true }
  if (found.status === 'vulnerable')
    return { linear: false, how: found.complexity.summary, attack: found.attack.pattern }
  return { linear: null, reason: 'message' in found.error ? found.error.message : found.error.kind }
}

const MOST = 4

/**
 * `x{0,200}` as `x{0,4}`: a bound is a constant factor and does not change the order of growth. With the real bounds the automata get too large to
 * decide; without bounds nearly everything would look quadratic.
 */
export const withSmallBounds = (source: string): string =>
  source.replace(
    /\\u\{[0-9a-f]{1,6}\}|\\.|\{(?<least>\d{1,9})(?:(?<comma>,)(?<most>\d{0,9}))?\}/gis,
    (all: string, ...[least, comma, most]: (string | undefined)[]) => {
      if (least === undefined) return all
      const small = (number: string | undefined): string => (number ? String(Math.min(Number(number), MOST)) : '')
      return `{${small(least)}${comma ?? ''}${small(most)}}`
    },
  )
