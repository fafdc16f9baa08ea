/** Applies the alert rules to every round of measurements, and judges each deployment after a while. */
import type { DeploymentRow, Deployments } from './deployments.ts'
import { freshTrace } from './events.ts'
import type { House } from './house.ts'
import type { Incidents } from './incidents.ts'
import type { ManagedServices, Measurement } from './managed-services.ts'
import { worsened, type RecentMeasurements } from './measurements.ts'
import { evaluate, firingState, type Rule, type RuleState } from './rules.ts'

export interface WatchOptions {
  house: House
  rules: readonly Rule[]
  /** ms of measurements to collect after a deployment before judging it */
  judgeAfterMs: number
  recent: RecentMeasurements
  incidents: Incidents
  deployments: Deployments
}

export interface Watch {
  start(): Promise<void>
  state(): RuleState
  /** schedules the judgement of a deployment */
  deployed(deployment: DeploymentRow): void
  stop(): Promise<void>
}

/** ms after a switch during which measurements still contain the time before it. */
const settleMs = 5_000

export function createWatch({ house, rules, judgeAfterMs, recent, incidents, deployments }: WatchOptions): Watch {
  const { managed, log }: { managed: ManagedServices; log: House['log'] } = house
  let state: RuleState = new Map()
  let watched: DeploymentRow[] = []
  let leave: (() => void) | null = null
  /** rounds are processed in order, so that a resolution never overtakes its alert */
  let working: Promise<void> = Promise.resolve()

  async function take(round: readonly Measurement[]): Promise<void> {
    const before = state
    const { state: after, transitions } = evaluate(state, rules, round)
    state = after
    try {
      for (const transition of transitions) await incidents.apply(transition)
    } catch (error) {
      state = before // the next round finds the same transition again
      throw error
    }
    const now = Math.max(...round.map(({ time }) => time))
    for (const deployment of watched.filter(({ finished_at }) => now >= (finished_at?.getTime() ?? now) + judgeAfterMs))
      await judge(deployment, now)
  }

  async function judge(deployment: DeploymentRow, now: number): Promise<void> {
    const { id, service_name: service, image_tag: imageTag, started_at, finished_at, baseline } = deployment
    const since = (finished_at ?? started_at).getTime() + settleMs
    const worse = worsened(baseline ?? {}, recent.medians(service, since, now))
    const stillRuns = managed.services().some((one) => one.name === service && one.imageTag === imageTag)
    if (stillRuns && worse.length > 0)
      await incidents.suspect({
        ...{ deploymentId: id, service, imageTag, worsened: worse, startedAt: started_at.getTime() },
        trace: deployment.trace ?? freshTrace(),
      })
    watched = watched.filter((one) => one.id !== id)
    await deployments.endWatch(id)
  }

  return {
    start: async () => {
      state = firingState(await incidents.listFiring())
      watched = await deployments.watched()
      leave = managed.onSamples((round) => {
        if (round.length === 0) return
        recent.add(round)
        working = working
          .then(() => take(round))
          .catch((error: unknown) => log.warn({ error: String(error) }, 'failed to evaluate a round of measurements'))
      })
    },
    state: () => state,
    deployed: (deployment) => {
      if (deployment.baseline !== null) watched = [...watched, deployment]
    },
    stop: async () => {
      leave?.()
      await working
    },
  }
}
