/**
 * Questions asked again with deployments that never happened, half a minute before the onset that was found: an innocent one must convict
 * nobody and make no incident, a guilty one must be named.
 */
import { diagnose } from '../../analysis/diagnose.ts'
import type { Change, Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { servicesOf } from './baselines.ts'
import { randomFrom, rankOf } from './measures.ts'

const BEFORE_MS = 30_000

interface Asked {
  observations: Observations
  /** at fault */
  truth: string
  /** what was answered without the deployments */
  verdict: Verdict
  seed: number
}

/** Ranks of the service at fault; of those that name its change 1 where rank 1 is that service with a change of its own. */
export const withChanges: Readonly<Record<string, (asked: Asked) => number | null>> = {
  'an innocent change': (asked) => rankWith(asked, anyOther(asked)),
  'one of the runner-up': (asked) => rankWith(asked, runnerUp(asked)),
  'its own change named': (asked) => named(asked, [asked.truth]),
  'named beside an innocent one': (asked) => named(asked, [asked.truth, ...anyOther(asked)]),
  'named beside one of the runner-up': (asked) => named(asked, [asked.truth, ...runnerUp(asked)]),
}

/** Of a window in which nothing is wrong, with a deployment of any service in the middle of it. */
export function verdictWithDeployment(observations: Observations, seed: number): Verdict['verdict'] {
  const { start, end } = observations.window
  const [service] = drawn(servicesOf(observations), seed)
  return diagnose(deployed(observations, service === undefined ? [] : [service], (start + end) / 2)).verdict
}

function rankWith(asked: Asked, services: readonly string[]): number | null {
  const { rootCauses } = diagnoseWith(asked, services)
  return rankOf(asked.truth, rootCauses.map(({ service }) => service)) // prettier-ignore
}

function named(asked: Asked, services: readonly string[]): number | null {
  const [first] = diagnoseWith(asked, services).rootCauses
  return first?.service === asked.truth && first.changeId !== null ? 1 : null
}

const diagnoseWith = ({ observations, verdict }: Asked, services: readonly string[]): Verdict =>
  diagnose(deployed(observations, services, (verdict.onset ?? observations.window.start) - BEFORE_MS))

const deployed = (all: Observations, services: readonly string[], timestamp: number): Observations => ({
  ...all,
  changes: [
    ...all.changes,
    ...services.map((service): Change => ({ id: `added to ${service}`, type: 'DEPLOYMENT', service, timestamp, summary: '' })), // prettier-ignore
  ],
})

const anyOther = ({ observations, truth, seed }: Asked): string[] =>
  drawn(
    servicesOf(observations).filter((service) => service !== truth),
    seed,
  )

/** The most suspect of those that are not at fault. */
const runnerUp = ({ verdict, truth }: Asked): string[] =>
  verdict.rootCauses
    .map(({ service }) => service)
    .filter((service) => service !== truth)
    .slice(0, 1)

const drawn = (services: readonly string[], seed: number): string[] =>
  services.slice(Math.floor(randomFrom(seed)() * services.length)).slice(0, 1)
