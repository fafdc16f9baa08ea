/**
 * Whether the time an expression takes grows with the text alone, or with its square and worse. Judged by what it reads, in steps, never
 * by a clock, so the answer is the same on every machine.
 */
import { createRequire } from 'node:module'
import type { Parameters } from 'recheck'

/** The build in JavaScript: the other one looks for Java or a program of its own. */
const { checkSync } = createRequire(import.meta.url)('recheck/lib/browser.js') as typeof import('recheck')

export type Judgement =
  { linear: true } | { linear: false; how: string; attack: string } | { linear: null; reason: string }

/** What automata decide is exact. The rest (looking around and back) is attacked, with strings made from the expression. */
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
 * `x{0,200}` as `x{0,4}`: a number is a factor of the time, and not how it grows. With the numbers as they are the automata are too large
 * to decide anything; without them nearly everything would look quadratic.
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
