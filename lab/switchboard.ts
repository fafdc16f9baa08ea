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
  /** why a fault is still on after its time; null: none is */
  failure(): string | null
  /** faults that are on stay on, without a time */
  close(): void
}

interface Options {
  supervisor: Omit<Stage, 'deploy' | 'configure'> & Pick<Supervisor, 'services' | 'deploy' | 'settings' | 'configure'>
  clock(): number
  onChange(change: MadeChange): void
}

interface Lasting {
  since: number
  until: number | null
  timer: NodeJS.Timeout | undefined
}

/** Changes kept for those who ask later. */
const KEPT = 50

export function createSwitchboard({ supervisor, clock, onChange }: Options): Switchboard {
  const on = new Map<FaultName, Lasting>()
  const unended = new Map<FaultName, string>()
  const changes: MadeChange[] = []
  const stage = stageOf(supervisor, clock, (change) => {
    const made = { ...change, id: `change-${randomUUID()}` }
    changes.splice(0, Math.max(0, changes.length + 1 - KEPT))
    changes.push(made)
    onChange(made)
  })

  /** One after the other: a fault that ended while it began would be off, and have its effect. */
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn(work: () => Promise<void>): Promise<void> {
    const mine = turn.then(work)
    turn = mine.catch(() => undefined)
    return mine
  }

  async function begin(name: FaultName, forMs: number | null): Promise<void> {
    if (on.has(name)) throw new LabError('fault_on', `${name} is on already`)
    const since = clock()
    const lasting: Lasting = { since, until: forMs === null ? null : since + forMs, timer: undefined }
    if (forMs !== null) lasting.timer = setTimeout(() => endAtItsTime(name, lasting), forMs)
    on.set(name, lasting)
    try {
      await faults[name].begin(stage)
    } catch (error) {
      clearTimeout(lasting.timer)
      on.delete(name)
      throw error
    }
  }

  /** It stays on, without a time, if it cannot be ended. */
  async function end(name: FaultName): Promise<void> {
    const lasting = on.get(name)
    if (lasting === undefined) throw new LabError('fault_off', `${name} is not on`)
    clearTimeout(lasting.timer)
    lasting.until = null
    await faults[name].end(stage)
    on.delete(name)
    unended.delete(name)
  }

  function endAtItsTime(name: FaultName, lasting: Lasting): void {
    // somebody may have switched it off, and on again
    const ending = inTurn(async () => (on.get(name) === lasting ? end(name) : undefined))
    ending.catch((error: unknown) => unended.set(name, `${name} could not be switched off: ${String(error)}`))
  }

  return {
    faults: () =>
      FAULT_NAMES.map((name) => {
        const { since = null, until = null } = on.get(name) ?? {}
        return { name, service: faults[name].service, remedy: faults[name].remedy, since, until }
      }),
    on: (given, forMs) => inTurn(() => begin(known(given), forMs)),
    off: (given) => inTurn(() => end(known(given))),
    changes: () => changes,
    failure: () => [...unended.values()][0] ?? null,
    close: () => on.forEach(({ timer }) => clearTimeout(timer)),
  }
}

function known(name: string): FaultName {
  if (!isFault(name)) throw new LabError('unknown_fault', `no fault ${name}; known: ${FAULT_NAMES.join(', ')}`)
  return name
}

/** What already is as it should be is left alone, and no change. */
function stageOf(supervisor: Options['supervisor'], clock: () => number, tell: (change: ShopChange) => void): Stage {
  const { disturb, takeDown, bringUp, crowd } = supervisor
  const imageTagOf = (service: ServiceName): string =>
    supervisor.services().find(({ name }) => name === service)?.imageTag ?? ''
  return {
    ...{ disturb, takeDown, bringUp, crowd },
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
  }
}
