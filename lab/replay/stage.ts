/** Injects faults into the simulated shop and removes them. */
import { configured, deployed } from '../changes.ts'
import type { Stage } from '../faults.ts'
import { badDeployment } from '../scenario.ts'
import type { ServiceName } from '../releases.ts'
import type { Surroundings } from '../shop/surroundings.ts'
import type { Shop } from './shop.ts'

/** `release`: the bad deployment of `scenario.ts`, rolled back at the end; `dead`: no process answers, as if it did not start. */
export type Fault = 'slow' | 'failing' | 'dead' | 'release'

export interface Outage {
  service: ServiceName
  fault: Fault
  /** ms since the epoch */
  start: number
  /** null: it does not end */
  end: number | null
}

/** Extra ms of a slow service, and failing share of requests of a failing one; drawn per outage. */
const [SLOW_LEAST, SLOW_SPREAD] = [250, 700]
const [FAILING_LEAST, FAILING_SPREAD] = [0.2, 0.5]

export function createStage(outages: readonly Outage[], surroundings: Surroundings, shop: Shop): void {
  const { now, wait, random } = surroundings
  const staged = outages.map((one) => ({
    ...one,
    slowMs: SLOW_LEAST + SLOW_SPREAD * random(),
    share: FAILING_LEAST + FAILING_SPREAD * random(),
  }))
  const isOn = ({ start, end }: Outage): boolean => now() >= start && (end === null || now() < end)
  shop.disturbance = async (service) => {
    for (const { fault, slowMs, share } of staged.filter((one) => one.service === service && isOn(one))) {
      if (fault === 'slow') await wait(slowMs * (0.6 + 0.8 * random()))
      if (fault === 'failing' && random() < share) throw new Error('data store did not answer')
    }
  }
  for (const { service, fault, start, end } of outages) {
    const image = (): string => shop.running.get(service)?.imageTag ?? ''
    if (fault === 'dead') {
      void wait(start - now()).then(() => shop.kill(service))
      if (end !== null) void wait(end - now()).then(() => shop.run(service, image()))
    }
    if (fault === 'release') {
      void wait(start - now()).then(() => deploy(shop, surroundings, service, badDeployment.imageTag))
      if (end !== null) void wait(end - now()).then(() => deploy(shop, surroundings, service, badDeployment.good))
    }
  }
}

async function deploy(
  shop: Shop,
  { now }: Pick<Surroundings, 'now'>,
  service: ServiceName,
  imageTag: string,
): Promise<void> {
  const before = shop.running.get(service)?.imageTag ?? ''
  await shop.run(service, imageTag)
  shop.changed(deployed(now(), service, imageTag, before))
}

/** What the faults of the lab do here; `crowd` as given. */
export const stageOf = (shop: Shop, { now }: Pick<Surroundings, 'now'>, crowd: Stage['crowd']): Stage => ({
  disturb: (service, conditions) => shop.running.get(service)?.process?.disturb(conditions),
  deploy: (service, imageTag) => deploy(shop, { now }, service, imageTag),
  configure: async (service, settings) => {
    const before = shop.settings[service].all()
    shop.settings[service].replace({ ...before, ...settings })
    shop.changed(configured(now(), service, before, settings))
  },
  takeDown: (service) => shop.kill(service),
  bringUp: (service) => shop.run(service, shop.running.get(service)?.imageTag ?? ''),
  crowd,
})
