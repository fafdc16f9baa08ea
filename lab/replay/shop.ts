/** The processes of a simulated shop, and the calls between them. */
import type { RecordedLogLine } from '../../recording/log-lines.ts'
import type { ShopChange } from '../changes.ts'
import { readLogLine } from '../log-lines.ts'
import { initialReleases, initialSettings, kinds, releases, services, type ServiceName } from '../releases.ts'
import { callOver, type Send } from '../shop/dependencies.ts'
import { MEMORY_LIMIT, noSpace, type Volume, VOLUME_BYTES } from '../shop/host.ts'
import { createSettings } from '../shop/settings.ts'
import type { Surroundings } from '../shop/surroundings.ts'
import { type ReplayedService, startReplayed } from './replayed-service.ts'

/** Where logs and changes are collected. */
export interface Told {
  logs: RecordedLogLine[]
  changes: ShopChange[]
}

export interface Shop {
  send: Send
  /** starts this release in place of the running one */
  run(service: ServiceName, imageTag: string): Promise<void>
  kill(service: ServiceName): void
  running: ReadonlyMap<ServiceName, { process: ReplayedService | null; imageTag: string; address: string }>
  settings: Readonly<Record<ServiceName, ReturnType<typeof createSettings>>>
  changed(change: ShopChange): void
  /** set by the stage */
  disturbance: (service: ServiceName) => Promise<void>
}

const OOM_LOOKS_MS = 1_000

export async function openShop(surroundings: Surroundings, told: Told): Promise<Shop> {
  const running = new Map<ServiceName, { process: ReplayedService | null; imageTag: string; address: string }>()
  const settings = Object.fromEntries(services.map((name) => [name, createSettings(initialSettings[name])])) as Shop['settings'] // prettier-ignore
  const volumes = new Map(services.filter((name) => kinds[name].volume).map((name) => [name, createVolume()]))
  let started = 0
  const send: Send = async (service, path, { timeoutMs, ...options }) => {
    const process = running.get(service as ServiceName)?.process ?? null
    if (process === null) throw new Error('connection refused')
    return within(timeoutMs, surroundings, process.answer(path, options))
  }
  const shop: Shop = {
    send,
    running,
    disturbance: () => Promise.resolve(),
    settings,
    changed: (change) => told.changes.push(change),
    kill: (service) => {
      const one = running.get(service)
      one?.process?.close()
      if (one !== undefined) running.set(service, { ...one, process: null })
    },
    run: async (service, imageTag) => {
      const load = releases[imageTag]
      if (load === undefined) throw new Error(`no release ${imageTag}`)
      const { release } = await load()
      const onLine = (line: string) => void told.logs.push(readLogLine(line, { service, instance: `${service}-0`, at: surroundings.now() })) // prettier-ignore
      running.get(service)?.process?.close()
      const disturbance = () => shop.disturbance(service)
      const process = startReplayed({
        ...{ service, release, surroundings, call: callOver(send), onLine, disturbance },
        ...{ kind: kinds[service], volume: volumes.get(service) ?? null, setting: settings[service].get },
      })
      running.set(service, { process, imageTag, address: `${service}/${(started += 1)}` })
    },
  }
  for (const name of services) await shop.run(name, initialReleases[name])
  /** unless a deployment has replaced it meanwhile */
  const revive = async (service: ServiceName): Promise<void> => {
    const one = running.get(service)
    if (one?.process === null) await shop.run(service, one.imageTag)
  }
  surroundings.every(OOM_LOOKS_MS, () => {
    for (const [service, { process }] of running)
      if (process !== null && process.memory() > MEMORY_LIMIT) {
        shop.kill(service)
        void surroundings.wait(OOM_LOOKS_MS).then(() => revive(service))
      }
  })
  return shop
}

function createVolume(): Volume {
  const entries: number[] = []
  let used = 0
  return {
    used: () => used,
    entries: () => entries.length,
    write: async (bytes) => {
      if (used + bytes > VOLUME_BYTES) throw noSpace()
      entries.push(bytes)
      used += bytes
    },
    keep: async (newest) => {
      for (const bytes of entries.splice(0, Math.max(0, entries.length - newest))) used -= bytes
    },
  }
}

/** Throws the same error as `AbortSignal.timeout`. */
async function within<T>(ms: number, { wait }: Pick<Surroundings, 'wait'>, work: Promise<T>): Promise<T> {
  const late = wait(ms).then(() => {
    throw new DOMException('no answer in time', 'TimeoutError')
  })
  late.catch(() => undefined)
  return Promise.race([work, late])
}
