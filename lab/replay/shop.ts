/** The processes of a simulated shop, and the calls between them. */
import type { RecordedLogLine } from '../../recording/log-lines.ts'
import { readLogLine } from '../log-lines.ts'
import { initialReleases, releases, services, type ServiceName } from '../releases.ts'
import { callOver, type Send } from '../shop/dependencies.ts'
import type { Surroundings } from '../shop/surroundings.ts'
import { type ReplayedService, startReplayed } from './replayed-service.ts'

/** A deployment, as the control-plane's audit log would have it. */
export interface Deployed {
  at: number
  service: ServiceName
  imageTag: string
  before: string
}

/** Where logs and deployments are collected. */
export interface Told {
  logs: RecordedLogLine[]
  deployed: Deployed[]
}

export interface Shop {
  send: Send
  /** starts this release in place of the running one */
  run(service: ServiceName, imageTag: string): Promise<void>
  kill(service: ServiceName): void
  running: ReadonlyMap<ServiceName, { process: ReplayedService | null; imageTag: string; address: string }>
  deployed(change: Omit<Deployed, 'at'>): void
  /** set by the stage */
  disturbance: (service: ServiceName) => Promise<void>
}

export async function openShop(surroundings: Surroundings, told: Told): Promise<Shop> {
  const running = new Map<ServiceName, { process: ReplayedService | null; imageTag: string; address: string }>()
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
    deployed: (change) => told.deployed.push({ at: surroundings.now(), ...change }),
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
      const process = startReplayed({ service, release, surroundings, call: callOver(send), onLine, disturbance })
      running.set(service, { process, imageTag, address: `${service}/${(started += 1)}` })
    },
  }
  for (const name of services) await shop.run(name, initialReleases[name])
  return shop
}

/** Throws the same error as `AbortSignal.timeout`. */
async function within<T>(ms: number, { wait }: Pick<Surroundings, 'wait'>, work: Promise<T>): Promise<T> {
  const late = wait(ms).then(() => {
    throw new DOMException('no answer in time', 'TimeoutError')
  })
  late.catch(() => undefined)
  return Promise.race([work, late])
}
