/**
 * Runs the shop: one process per service, replaced without a gap by a deployment (start the new one, switch traffic, let the old one finish), and
 * restarted when it dies. It does not know which image tags are bad.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from './lab-error.ts'
import { startProcess, type ShopProcess } from './processes.ts'
import { dependencies, isService, releases, services, type ServiceName } from './releases.ts'
import { readState, writeState, type Running, type ShopState } from './state.ts'

export interface RunningService extends Running {
  name: ServiceName
  /** the replica's name, kept through deployments */
  instance: string
  address: string
  pid: number
  dependsOn: readonly ServiceName[]
}

export interface SupervisorOptions {
  dataDir: string
  visitsPerSecond: number
  startLimitMs: number
  onLine(service: ServiceName, line: string, stream: 'stdout' | 'stderr'): void
  /** called after every change of processes or addresses */
  onChange(): void
}

export interface Supervisor {
  services(): RunningService[]
  /** Resolves when the new release serves the traffic and the old one has ended. Throws `LabError`; the old one then still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** Goes back to the release before the last deployment. */
  rollback(service: string): Promise<void>
  close(): Promise<void>
}

export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const state = await readState(options.dataDir)
  const current = new Map<ServiceName, ShopProcess>()
  const turns = new Map<ServiceName, Promise<void>>()
  let customers: ShopProcess | null = null
  let closed = false

  const start = (service: ServiceName, imageTag: string) =>
    startProcess({
      entry: 'shop/serve.ts',
      args: [service, imageTag],
      startLimitMs: options.startLimitMs,
      onLine: (line, stream) => options.onLine(service, line, stream),
    })

  /** Switches traffic to `process`; the previous one finishes its running requests. */
  function switchTo(service: ServiceName, process: ShopProcess): ShopProcess | undefined {
    const before = current.get(service)
    current.delete(service)
    current.set(service, process)
    announce()
    void process.ended.then(() => revive(service, process))
    return before
  }

  function announce(): void {
    const endpoints = Object.fromEntries([...current].map(([name, { address }]) => [name, address]))
    // newest first: it may be called as soon as another process knows its address
    for (const each of [...current.values(), customers].reverse()) each?.tell(endpoints)
    options.onChange()
  }

  async function revive(service: ServiceName, dead: ShopProcess): Promise<void> {
    while (!closed && current.get(service) === dead) {
      await delay(500)
      await inTurn(service, async () => {
        if (!closed && current.get(service) === dead) switchTo(service, await start(service, state[service].imageTag))
      }).catch(() => undefined) // will be retried; its own log says why
    }
  }

  function inTurn(service: ServiceName, work: () => Promise<void>): Promise<void> {
    const turn = (turns.get(service) ?? Promise.resolve()).then(work)
    turns.set(
      service,
      turn.catch(() => undefined),
    )
    return turn
  }

  async function replace(service: ServiceName, imageTag: string): Promise<void> {
    if (closed) throw new LabError('closed', 'the lab is closed')
    const before = switchTo(service, await start(service, imageTag))
    if (state[service].imageTag !== imageTag) state[service] = { imageTag, previousImageTag: state[service].imageTag }
    await writeState(options.dataDir, state)
    await delay(300)
    await before?.stop()
  }

  async function bringCustomers(): Promise<void> {
    const process = await startCustomers(options)
    if (closed) return process.stop()
    customers = process
    announce()
    void process.ended.then(replaceCustomers)
  }

  async function replaceCustomers(): Promise<void> {
    await delay(500)
    if (!closed) await bringCustomers().catch(replaceCustomers)
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.all(turns.values())
    await customers?.stop()
    await Promise.all([...current.values()].map((process) => process.stop()))
  }

  try {
    await Promise.all(services.map(async (name) => switchTo(name, await start(name, state[name].imageTag))))
    await bringCustomers()
  } catch (error) {
    await close()
    throw error
  }
  await writeState(options.dataDir, state)
  return {
    services: () => [...current].map(([name, process]) => describe(name, state, process)),
    deploy: async (name, imageTag) => {
      const service = known(name)
      if (!imageTag.startsWith(`${service}:`) || releases[imageTag] === undefined)
        throw new LabError('unknown_release', `no release ${imageTag} of ${service}`)
      await inTurn(service, () => replace(service, imageTag))
    },
    rollback: async (name) => {
      const service = known(name)
      await inTurn(service, async () => {
        const { previousImageTag } = state[service]
        if (previousImageTag === null)
          throw new LabError('unknown_release', `${service} has no release before this one`)
        await replace(service, previousImageTag)
      })
    },
    close,
  }
}

function known(name: string): ServiceName {
  if (!isService(name)) throw new LabError('unknown_service', `no service ${name}`)
  return name
}

const startCustomers = (options: SupervisorOptions): Promise<ShopProcess> =>
  startProcess({
    entry: 'shop/customers.ts',
    args: [String(options.visitsPerSecond)],
    startLimitMs: options.startLimitMs,
    onLine: () => undefined,
  })

const describe = (name: ServiceName, state: ShopState, process: ShopProcess): RunningService => ({
  name,
  instance: `${name}-0`,
  ...state[name],
  address: process.address,
  pid: process.pid,
  dependsOn: dependencies[name],
})
