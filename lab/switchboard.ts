/** Switches the faults of the lab on and off, and reports the changes they make as a pipeline would. */
import { randomUUID } from 'node:crypto'
import { configured, deployed, type ShopChange } from './changes.ts'
import { FAULT_NAMES, type FaultName, faults, isFault, type Remedy, type Stage } from './faults.ts'
import { LabError } from './lab-error.ts'
import type { ServiceName } from './releases.ts'
import type { Supervisor } from './supervisor.ts'

export interface FaultState {
  name: FaultName
  /** where it begins; null: nothing is wrong */
  service: ServiceName | null
  remedy: Remedy | null
  /** when it was switched on, ms since the epoch; null: it is off */
  since: number | null
  /** when it will be switched off; null: it is off, or until somebody switches it off */
  until: number | null
}

export type MadeChange = ShopChange & { id: string }

export interface Switchboard {
  faults(): FaultState[]
  /** Resolves when it has begun. `forMs`: null: until it is switched off. Throws `LabError` (`unknown_fault`, `fault_on`). */
  on(name: string, forMs: number | null): Promise<void>
  /** Throws `LabError` (`unknown_fault`, `fault_off`). */
  off(name: string): Promise<void>
  /** the newest changes, oldest first */
  changes(): readonly MadeChange[]
  /** faults that are on stay on, without a time */
  close(): void
}

interface Options {
  supervisor: Supervisor
  clock(): number
  onChange(change: MadeChange): void
  /** a fault could not be switched off at its time */
  onFailure(why: string): void
}

/** Changes kept for those who ask later. */
const KEPT = 50

export function createSwitchboard({ supervisor, clock, onChange, onFailure }: Options): Switchboard {
  const on = new Map<FaultName, { since: number; until: number | null; timer: NodeJS.Timeout | undefined }>()
  const changes: MadeChange[] = []
  const stage = stageOf(supervisor, clock, (change) => {
    const made = { ...change, id: `change-${randomUUID()}` }
    changes.splice(0, Math.max(0, changes.length + 1 - KEPT))
    changes.push(made)
    onChange(made)
  })

  async function off(name: FaultName): Promise<void> {
    clearTimeout(on.get(name)?.timer)
    on.delete(name)
    await faults[name].end(stage)
  }
  return {
    faults: () =>
      FAULT_NAMES.map((name) => {
        const { since = null, until = null } = on.get(name) ?? {}
        return { name, service: faults[name].service, remedy: faults[name].remedy, since, until }
      }),
    on: async (given, forMs) => {
      const name = known(given)
      if (on.has(name)) throw new LabError('fault_on', `${name} is on already`)
      const since = clock()
      const end = () => void off(name).catch((error: unknown) => onFailure(`${name}: ${String(error)}`))
      on.set(name, {
        since,
        until: forMs === null ? null : since + forMs,
        timer: forMs === null ? undefined : setTimeout(end, forMs),
      })
      try {
        await faults[name].begin(stage)
      } catch (error) {
        clearTimeout(on.get(name)?.timer)
        on.delete(name)
        throw error
      }
    },
    off: async (given) => {
      const name = known(given)
      if (!on.has(name)) throw new LabError('fault_off', `${name} is not on`)
      await off(name)
    },
    changes: () => changes,
    close: () => on.forEach(({ timer }) => clearTimeout(timer)),
  }
}

function known(name: string): FaultName {
  if (!isFault(name)) throw new LabError('unknown_fault', `no fault ${name}; known: ${FAULT_NAMES.join(', ')}`)
  return name
}

/** What already is as it should be is left alone, and no change. */
function stageOf(supervisor: Supervisor, clock: () => number, tell: (change: ShopChange) => void): Stage {
  const { disturb, takeDown, crowd } = supervisor
  const imageTagOf = (service: ServiceName): string =>
    supervisor.services().find(({ name }) => name === service)?.imageTag ?? ''
  return {
    ...{ disturb, takeDown, crowd },
    deploy: async (service, imageTag) => {
      const before = imageTagOf(service)
      if (before === imageTag) return
      await supervisor.deploy(service, imageTag)
      tell(deployed(clock(), service, imageTag, before))
    },
    configure: async (service, settings) => {
      const before = supervisor.settings(service)
      if (Object.entries(settings).every(([name, value]) => before[name] === value)) return
      await supervisor.configure(service, settings)
      tell(configured(clock(), service, before, settings))
    },
    bringUp: (service) => supervisor.restart(service),
  }
}
