/** The faults that the lab can have, each as what somebody does to the shop and how it is undone. Only here are they named. */
import { badDeployment, harmlessDeployment } from './scenario.ts'
import type { ServiceName, Settings } from './releases.ts'
import type { SomeConditions } from './shop/conditions.ts'

/** What can be done to a shop, real or simulated. */
export interface Stage {
  /** of the running processes; those that replace them are healthy */
  disturb(service: ServiceName, conditions: SomeConditions): void
  deploy(service: ServiceName, imageTag: string): Promise<void>
  configure(service: ServiceName, settings: Settings): Promise<void>
  /** ends the processes and starts none until `bringUp`, or a restart */
  takeDown(service: ServiceName): void
  bringUp(service: ServiceName): Promise<void>
  /** so many times the usual customers */
  crowd(times: number): void
}

/** What ends it for good; null: nothing that can be done to the shop. */
export type Remedy = 'rollback' | 'restart' | 'restore_settings' | 'prune_journal'

export interface Fault {
  /** where it begins; null: nothing is wrong */
  service: ServiceName | null
  remedy: Remedy | null
  begin(stage: Stage): Promise<void> | void
  end(stage: Stage): Promise<void> | void
}

/** Conditions of one service; they also end with its processes. */
const condition = (service: ServiceName, remedy: Remedy | null, on: SomeConditions): Fault => ({
  ...{ service, remedy },
  begin: (stage) => stage.disturb(service, on),
  end: (stage) => stage.disturb(service, Object.fromEntries(Object.keys(on).map((name) => [name, 0]))),
})

const release = (service: ServiceName, to: string, before: string): Fault => ({
  ...{ service, remedy: 'rollback' },
  begin: (stage) => stage.deploy(service, to),
  end: (stage) => stage.deploy(service, before),
})

const configuration = (service: ServiceName, to: Settings, before: Settings): Fault => ({
  ...{ service, remedy: 'restore_settings' },
  begin: (stage) => stage.configure(service, to),
  end: (stage) => stage.configure(service, before),
})

const failing = (service: ServiceName, share: number): Fault => condition(service, null, { storeFails: share })
const innocent = release(harmlessDeployment.service, harmlessDeployment.imageTag, harmlessDeployment.before)
const beside = failing('payment', 0.4)

export const faults = {
  'bad-release': release(badDeployment.service, badDeployment.imageTag, badDeployment.good),
  'memory-leak': condition('catalog', 'restart', { keptBytes: 96 * 1024 }),
  'cpu-burn': condition('cart', 'restart', { computingMs: 400 }),
  'slow-dependency': condition('catalog', null, { storeMs: 600 }),
  'error-burst': failing('catalog', 0.3),
  'bad-configuration': configuration('checkout', { payment_timeout_ms: 15 }, { payment_timeout_ms: 1_500 }),
  'dependency-down': {
    ...{ service: 'payment', remedy: 'restart' },
    begin: (stage) => stage.takeDown('payment'),
    end: (stage) => stage.bringUp('payment'),
  },
  'pool-exhausted': condition('cart', 'restart', { keptConnections: 0.02 }),
  'disk-filling': condition('payment', 'prune_journal', { entryBytes: 256 * 1024 }),
  'traffic-surge': {
    ...{ service: null, remedy: null },
    begin: (stage) => stage.crowd(2.5),
    end: (stage) => stage.crowd(1),
  },
  'innocent-deployment': {
    ...{ service: beside.service, remedy: null },
    begin: async (stage) => {
      await innocent.begin(stage)
      await beside.begin(stage)
    },
    end: async (stage) => {
      await beside.end(stage)
      await innocent.end(stage)
    },
  },
  nothing: { service: null, remedy: null, begin: () => undefined, end: () => undefined },
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof faults
export const FAULT_NAMES = Object.keys(faults) as FaultName[]
export const isFault = (name: string): name is FaultName => Object.hasOwn(faults, name)
