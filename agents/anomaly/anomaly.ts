/**
 * The anomaly agent: measures, watches, announces, and asks for a diagnosis where the policy says so. What is concluded is stored together with the state it
 * comes from, and published afterwards: whatever dies when, each announcement is made once.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { ControlPlaneTool } from '../tools/tools.ts'
import { type AnomalyContext, anomalyId, detected, requested } from './events.ts'
import { type Policy, withheld } from './policy.ts'
import type { Source, Target } from './source.ts'
import type { AnomalyStore, Request, ToPublish } from './store.ts'
import { type Targets, targetsOf } from './targets.ts'

export interface AnomalyOptions {
  source: Source
  /** lists the services, and what they depend on if it knows */
  controlPlane: ControlPlaneTool
  store: AnomalyStore
  bus: Pick<Bus, 'encode' | 'publish'>
  tenants: Tenants
  policy: Policy
  /** `requested_by` of the diagnoses it asks for: it may not decide on their approvals */
  requestedBy: string
  log: Logger
  /** ms, length of a step; default 10,000 */
  stepMs?: number
  /** ms after the end of a step in which its samples may still arrive; default: half a step */
  latenessMs?: number
  /** ms of history that is read for a service nothing is known of; default an hour */
  historyMs?: number
  /** ms after which another process watches if this one is gone; default 30,000. A turn that takes longer concludes nothing */
  leaseMs?: number
  clock?: () => number
}

export interface AnomalyAgent {
  /** the open anomalies of this process */
  open(): Anomaly[]
  stop(): Promise<void>
}

const LIST_EVERY_MS = 60_000
const SAVE_EVERY_MS = 60_000
const TURN_LIMIT_MS = 20_000
const DAY_MS = 86_400_000

interface Watch {
  watcher: Watcher
  savedAt: number
}

export function startAnomalyAgent(options: AnomalyOptions): AnomalyAgent {
  const { source, controlPlane, store, bus, tenants, policy, requestedBy, log } = options
  const {
    stepMs = 10_000,
    latenessMs = stepMs / 2,
    historyMs = 3_600_000,
    leaseMs = 30_000,
    clock = Date.now,
  } = options
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const stopping = new AbortController()
  const watches = new Map<string, Watch>()
  let targets: Targets = { services: new Map(), calls: new Map() }
  let listedAt = -Infinity
  /** services without measurements, told once */
  let silent = new Set<string>()

  async function turn(): Promise<void> {
    if (!(await store.hold(owner, leaseMs))) return watches.clear()
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(TURN_LIMIT_MS)])
    if (clock() - listedAt >= LIST_EVERY_MS) await list(signal)
    for (const [tenant, services] of targets.services) await watch(tenant, services, signal)
    await store.publish(bus)
  }

  async function list(signal: AbortSignal): Promise<void> {
    targets = await targetsOf(controlPlane, tenants, signal)
    listedAt = clock()
  }

  async function watch(tenant: string, services: readonly Target[], signal: AbortSignal): Promise<void> {
    const end = Math.floor((clock() - latenessMs) / stepMs) * stepMs
    const known = watches.get(tenant) ?? (await begun(tenant))
    const { watcher } = known
    watcher.connect(targets.calls.get(tenant) ?? [])
    const isNew = watcher.closedUntil === -Infinity
    const start = Math.max(watcher.closedUntil, end - historyMs)
    if (start >= end) return
    const { samples, failures } = await source.read(services, { start, end }, stepMs, signal)
    tellSilent(failures)
    // read again by the next turn, from where this one began
    if (failures.length > 0 && failures.length === services.length) throw new Error(`nothing could be measured: ${failures[0]!.why}`) // prettier-ignore
    for (const sample of samples) watcher.add(sample, end)
    const said = watcher.advance(end)
    // what began and ended before anybody watched is history
    const announced = isNew ? watcher.open().map((one): Anomaly => ({ ...one, phase: 'opened' })) : said
    if (announced.length === 0 && clock() - known.savedAt < SAVE_EVERY_MS) return void watches.set(tenant, known)
    // if it cannot be stored, it was not concluded: the next turn begins from what is stored
    watches.delete(tenant)
    await keep(tenant, watcher, announced)
    watches.set(tenant, { watcher, savedAt: clock() })
  }

  async function begun(tenant: string): Promise<Watch> {
    const state = await store.load(tenant, stepMs)
    const times = { stepMs, latenessMs: 0 }
    return { watcher: state === null ? new Watcher(times) : Watcher.restored(state, times), savedAt: -Infinity }
  }

  async function keep(tenant: string, watcher: Watcher, announced: readonly Anomaly[]): Promise<void> {
    const namespaces = new Map(
      (targets.services.get(tenant) ?? []).map(({ service, namespace }) => [service, namespace]),
    )
    const context: AnomalyContext = { tenant, stepMs, namespaceOf: (service) => namespaces.get(service) ?? null }
    const asked = announced.length === 0 ? [] : await store.asked(tenant, clock() - DAY_MS)
    const requests: Request[] = []
    const records: ToPublish[] = []
    for (const anomaly of announced) {
      const event = detected(anomaly, context)
      records.push({ eventId: event.event_id, record: await bus.encode('AnomalyDetected', event) })
      const reason = anomaly.phase === 'closed' ? 'over' : withheld(policy, anomaly, [...asked, ...requests], clock())
      log.info({ tenant, anomaly_id: event.anomaly_id, service: anomaly.service, phase: anomaly.phase, severity: anomaly.severity, ...(reason === null ? {} : { not_asked: reason }) }, 'anomaly') // prettier-ignore
      if (reason !== null) continue
      const request = requested(anomaly, context, requestedBy)
      requests.push({ sessionId: anomalyId(tenant, anomaly.id), service: anomaly.service, at: clock() })
      records.push({ eventId: request.event_id, record: await bus.encode('DiagnosisRequested', request) })
    }
    await store.save(owner, tenant, watcher.snapshot(), records, requests)
  }

  function tellSilent(failures: readonly { service: string; why: string }[]): void {
    const now = new Set(failures.map(({ service }) => service))
    for (const { service, why: reason } of failures)
      if (!silent.has(service)) log.warn({ service, error: reason }, 'not measured: a gap, not an anomaly')
    for (const service of silent) if (!now.has(service)) log.info({ service }, 'measured again')
    silent = now
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const began = clock()
      await turn().catch((error: unknown) => {
        if (!stopping.signal.aborted)
          log.warn({ error: String(error) }, 'nothing was watched; the next turn catches up')
      })
      const left = Math.max(0, began + stepMs - clock())
      await delay(left, undefined, { signal: stopping.signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    open: () => [...watches.values()].flatMap(({ watcher }) => watcher.open()),
    async stop() {
      stopping.abort()
      await running
      await store.release(owner).catch(() => undefined)
    },
  }
}
