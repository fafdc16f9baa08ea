/** Restarts, scalings and maintenance scripts: each carried out once, even if the process dies during it, and recorded as a change. */
import { v7 as uuid } from 'uuid'
import { recordChange } from './change-log.ts'
import { freshTrace, type Trace } from './events.ts'
import type { House } from './house.ts'
import type { Operation } from './scripts.ts'

/** An operation that has begun. */
export interface Begun {
  /** ms since the epoch */
  at: number
  operation: Operation
  /** an earlier process began it and died */
  before: boolean
  requestedBy: string
  trace: Trace | null
}

export interface Ended {
  status: 'success' | 'failed'
  output: string
}

export function createOperations(house: House): { carryOut(begun: Begun): Promise<Ended> } {
  const { managed } = house

  /** What was done. A restart or a scaling that is already done is not repeated; a script that may have run is not run again. */
  async function perform({ operation, before, at }: Begun): Promise<string> {
    const { service } = operation
    const now = managed.services().find(({ name }) => name === service)
    switch (operation.kind) {
      case 'restart':
        if (!before || (now?.startedAt ?? 0) <= at) await managed.restart(service)
        return `${service} was restarted`
      case 'scale':
        if (now?.replicas !== operation.replicas) await managed.scale(service, operation.replicas)
        return `${service} has ${operation.replicas} replicas, before ${operation.from}`
      case 'run_script':
        if (before) throw new Error(`${operation.script} was interrupted: it may have run in part`)
        return managed.runScript(operation.script, operation.parameters)
    }
  }

  return {
    carryOut: async (begun) => {
      try {
        const output = await perform(begun)
        await record(begun, output)
        return { status: 'success', output }
      } catch (error) {
        return { status: 'failed', output: error instanceof Error ? error.message : String(error) }
      }
    },
  }

  async function record({ operation, at, requestedBy, trace }: Begun, summary: string): Promise<void> {
    const isScaling = operation.kind === 'scale'
    const change = {
      id: `change-${uuid()}`,
      service: operation.service,
      at: new Date(at),
      type: 'CONFIG_UPDATE',
      author: requestedBy,
      summary,
      before: isScaling ? { replicas: operation.from } : {},
      after: isScaling ? { replicas: operation.replicas } : {},
      deploymentId: null,
      trace: trace ?? freshTrace(),
    }
    await recordChange(house, change, new Date(at))
  }
}
