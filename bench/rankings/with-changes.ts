/**
 * Repeats the questions with an invented deployment half a minute before the onset found: an innocent one must not be blamed or cause an incident, a
 * guilty one must be named.
 */
import { diagnose } from '../../analysis/diagnose.ts'
import type { Change, Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import { servicesOf } from './baselines.ts'
import { randomFrom, rankOf } from './measures.ts'

const BEFORE_MS = 30_000

interface Asked {
  observations: Observations
  /** the faulty service */
  truth: string
  /** the answer without the deployments */
  verdict: Verdict
  seed: number
}

/** Rank of the faulty service. For those that name its change: 1 if rank 1 is that service with its own change. */
export const withChanges: Readonly<Record<string, (asked: Asked) => number | null>> = {
  'an innocent change': (asked) => rankWith(asked, anyOther(asked)),
  'one of the runner-up': (asked) => rankWith(asked, runnerUp(asked)),
  'its own change named': (asked) => named(asked, [asked.truth]),
  'named beside an innocent one': (asked) => named(asked, [asked.truth, ...anyOther(asked)]),
  'named beside one of the runner-up': (asked) => named(asked, [asked.truth, ...runnerUp(asked)]),
}

/** The verdict of a fault-free window with a deployment of a random service in its middle. */
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

/** The highest-ranked service that is not at fault. */
const runnerUp = ({ verdict, truth }: Asked): string[] =>
  verdict.rootCauses
    .map(({ service }) => service)
    .filter((service) => service !== truth)
    .slice(0, 1)

const drawn = (services: readonly string[], seed: number): string[] =>
  services.slice(Math.floor(randomFrom(seed)() * services.length)).slice(0, 1)
