/**
 * Runs the shop: one process per replica of a service, replaced without a gap by a deployment or a restart (start the new ones, switch traffic, let
 * the old ones finish), and started again when it dies. It does not know which image tags are bad.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { LabError } from './lab-error.ts'
import { startProcess, type ShopProcess } from './processes.ts'
import { dependencies, initialSettings, isService, releases, services, type ServiceName, type Settings } from './releases.ts' // prettier-ignore
import type { SomeConditions } from './shop/conditions.ts'
import type { ShopSpan } from './shop/spans.ts'
import { readState, writeState, type Running, type ShopState } from './state.ts'

export interface RunningService extends Running {
  name: ServiceName
  /** the replica's name, kept through deployments */
  instance: string
  address: string
  pid: number
  /** when its oldest process started, ms since the epoch */
  startedAt: number
  dependsOn: readonly ServiceName[]
}

interface Replica extends ShopProcess {
  instance: string
  startedAt: number
}

/** Most replicas of a service. */
export const MOST_REPLICAS = 5

export interface SupervisorOptions {
  dataDir: string
  visitsPerSecond: number
  startLimitMs: number
  onLine(from: { service: ServiceName; instance: string }, line: string, stream: 'stdout' | 'stderr'): void
  onSpan(from: { service: ServiceName; instance: string }, span: ShopSpan): void
  /** called after every change of processes or addresses */
  onChange(): void
}

export interface Supervisor {
  /** each service, with the name, address and process of its first replica */
  services(): RunningService[]
  /** each replica of each service */
  replicas(): RunningService[]
  /** Resolves when the new release serves the traffic and the old one has ended. Throws `LabError`; the old one then still serves. */
  deploy(service: string, imageTag: string): Promise<void>
  /** Goes back to the release before the last deployment. */
  rollback(service: string): Promise<void>
  /** Replaces the processes by new ones of the same release. Throws `LabError`; the old ones then still serve. */
  restart(service: string): Promise<void>
  /** Throws `LabError` `not_scalable` unless 1 <= `replicas` <= `MOST_REPLICAS`. */
  scale(service: string, replicas: number): Promise<void>
  /** Freezes the processes of a service: they keep their connections and answer nothing. */
  hang(service: string): void
  /** Begins a sale, or ends the current one: many more customers, who buy vouchers. */
  sale(): void
  /** so many times the usual customers */
  crowd(times: number): void
  /** of the running processes; those that replace them are healthy */
  disturb(service: ServiceName, conditions: SomeConditions): void
  settings(service: ServiceName): Settings
  /** The processes use these settings from now on; others stay as they are. */
  configure(service: ServiceName, settings: Settings): Promise<void>
  /** Ends the processes of a service; they stay down until it is brought up, restarted or deployed to. */
  takeDown(service: ServiceName): void
  /** Starts a service that was taken down; one that is up is left alone. Throws `LabError`. */
  bringUp(service: ServiceName): Promise<void>
  close(): Promise<void>
}

export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const state = await readState(options.dataDir)
  const current = new Map<ServiceName, readonly Replica[]>()
  const turns = new Map<ServiceName, Promise<void>>()
  const down = new Set<ServiceName>()
  let customers: ShopProcess | null = null
  let times = 1
  let closed = false

  async function start(service: ServiceName, imageTag: string, index: number): Promise<Replica> {
    const instance = `${service}-${index}`
    const process = await startProcess({
      entry: 'shop/serve.ts',
      args: [service, imageTag, JSON.stringify(settingsOf(service)), join(options.dataDir, 'volumes', instance)],
      startLimitMs: options.startLimitMs,
      onLine: (line, stream) => options.onLine({ service, instance }, line, stream),
      onSpan: (span) => options.onSpan({ service, instance }, span),
    })
    return { ...process, instance, startedAt: Date.now() }
  }

  const settingsOf = (service: ServiceName): Settings => ({ ...initialSettings[service], ...state[service].settings })
  const tellAll = (service: ServiceName, message: object) => current.get(service)?.forEach((one) => one.tell(message))

  /** The replicas from `first` up to `count`: all of them, or none and the error. */
  async function startAll(service: ServiceName, imageTag: string, first: number, count: number): Promise<Replica[]> {
    const indices = Array.from({ length: Math.max(0, count - first) }, (_, at) => first + at)
    const started = await Promise.allSettled(indices.map((index) => start(service, imageTag, index)))
    const ready = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const failed = started.find((one) => one.status === 'rejected')
    if (failed === undefined) return ready
    await Promise.all(ready.map((one) => one.stop(0)))
    throw failed.reason
  }

  /** Switches traffic to `replicas`; returns those that no longer serve, which finish their running requests. */
  function switchTo(service: ServiceName, replicas: readonly Replica[]): Replica[] {
    const before = current.get(service) ?? []
    current.delete(service)
    current.set(service, replicas)
    announce()
    for (const one of replicas.filter((one) => !before.includes(one))) void one.ended.then(() => revive(service, one))
    return before.filter((one) => !replicas.includes(one))
  }

  function announce(): void {
    const endpoints = Object.fromEntries([...current].map(([name, all]) => [name, all.map(({ address }) => address)]))
    // newest first: it may be called as soon as another process knows its address
    for (const each of [...[...current.values()].flat(), customers].reverse())
      each?.tell({ type: 'endpoints', endpoints })
    options.onChange()
  }

  async function revive(service: ServiceName, dead: Replica): Promise<void> {
    const serves = () => !closed && (current.get(service) ?? []).includes(dead)
    while (serves()) {
      await delay(500)
      if (down.has(service)) continue
      await inTurn(service, async () => {
        if (!serves() || down.has(service)) return
        const heir = await start(service, state[service].imageTag, Number(dead.instance.split('-').at(-1)))
        switchTo(
          service,
          (current.get(service) ?? []).map((one) => (one === dead ? heir : one)),
        )
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
    const before = switchTo(service, await startAll(service, imageTag, 0, state[service].replicas))
    down.delete(service)
    const { imageTag: previousImageTag } = state[service]
    if (previousImageTag !== imageTag) state[service] = { ...state[service], imageTag, previousImageTag }
    await retire(before)
  }

  async function scale(service: ServiceName, replicas: number): Promise<void> {
    if (closed) throw new LabError('closed', 'the lab is closed')
    const before = current.get(service) ?? []
    const more = await startAll(service, state[service].imageTag, before.length, replicas)
    const idle = switchTo(service, [...before, ...more].slice(0, replicas))
    state[service] = { ...state[service], replicas }
    await retire(idle)
  }

  /** Stops replicas that no longer serve, once their callers know. */
  async function retire(replicas: readonly Replica[]): Promise<void> {
    await writeState(options.dataDir, state)
    await delay(300)
    await Promise.all(replicas.map((one) => one.stop()))
  }

  async function bringCustomers(): Promise<void> {
    const started = await startCustomers(options)
    if (closed) return started.stop()
    customers = started
    announce()
    crowd(times)
    void started.ended.then(replaceCustomers)
  }

  function crowd(next: number): void {
    times = next
    customers?.tell({ type: 'crowd', times })
  }

  async function configure(service: ServiceName, settings: Settings): Promise<void> {
    state[service] = { ...state[service], settings: { ...state[service].settings, ...settings } }
    tellAll(service, { type: 'settings', settings: settingsOf(service) })
    await writeState(options.dataDir, state)
  }

  function takeDown(service: ServiceName): void {
    down.add(service)
    for (const one of current.get(service) ?? []) void one.stop(0)
  }

  async function replaceCustomers(): Promise<void> {
    await delay(500)
    if (!closed) await bringCustomers().catch(replaceCustomers)
  }

  async function close(): Promise<void> {
    closed = true
    await Promise.all(turns.values())
    await customers?.stop()
    await Promise.all([...current.values()].flat().map((one) => one.stop()))
  }

  try {
    await Promise.all(
      services.map(async (name) => switchTo(name, await startAll(name, state[name].imageTag, 0, state[name].replicas))),
    )
    await bringCustomers()
  } catch (error) {
    await close()
    throw error
  }
  await writeState(options.dataDir, state)
  return {
    services: () => [...current].flatMap(([name, all]) => describe(name, state, all).slice(0, 1)),
    replicas: () => [...current].flatMap(([name, all]) => describe(name, state, all)),
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
    restart: async (name) => {
      const service = known(name)
      await inTurn(service, () => replace(service, state[service].imageTag))
    },
    scale: async (name, replicas) => {
      const service = known(name)
      if (!Number.isInteger(replicas) || replicas < 1 || replicas > MOST_REPLICAS)
        throw new LabError('not_scalable', `${service} may have 1 to ${MOST_REPLICAS} replicas, not ${replicas}`)
      await inTurn(service, () => scale(service, replicas))
    },
    hang: (name) => {
      for (const { pid } of current.get(known(name)) ?? []) process.kill(pid, 'SIGSTOP')
    },
    sale: () => {
      if (customers !== null) process.kill(customers.pid, 'SIGUSR2')
    },
    ...{ crowd, configure, takeDown, settings: settingsOf },
    bringUp: (service) =>
      inTurn(service, async () => {
        if (down.has(service)) await replace(service, state[service].imageTag)
      }),
    disturb: (service, conditions) => tellAll(service, { type: 'disturb', conditions }),
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

const describe = (name: ServiceName, state: ShopState, replicas: readonly Replica[]): RunningService[] => {
  const startedAt = Math.min(...replicas.map((one) => one.startedAt))
  return replicas.map(({ instance, address, pid }) => ({
    ...{ name, instance, ...state[name], address, pid, startedAt },
    dependsOn: dependencies[name],
  }))
}
