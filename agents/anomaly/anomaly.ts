/**
 * The anomaly agent: measures, watches, announces, and asks for a diagnosis where the policy says so. What is concluded is stored together with the state it
 * comes from, and published afterwards: whatever dies when, each announcement is made once.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import type { Exception, KeptOut } from '../../analysis/watch/exceptions.ts'
import type { Anomaly, Sample } from '../../analysis/watch/watched.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { ControlPlaneTool } from '../tools/tools.ts'
import { type Beginning, begin, type Watch } from './begin.ts'
import { conclusions } from './conclusions.ts'
import { delaysOf } from './deployments.ts'
import { type AnomalyContext, anomalyId } from './events.ts'
import { exceptionsOf, grown } from './kept-out.ts'
import { maintenanceOf } from './maintenance.ts'
import type { Policy } from './policy.ts'
import type { Measured, Source } from './source.ts'
import { type AnomalyStore, LeaseLostError } from './store.ts'
import { targetsOf, type Watched } from './targets.ts'

export interface AnomalyOptions {
  source: Source
  /** lists the services, and what they depend on if it knows */
  controlPlane: Pick<ControlPlaneTool, 'resources'>
  store: AnomalyStore
  bus: Pick<Bus, 'encode' | 'publish'>
  tenants: Tenants
  /** as it is now */
  policy(): Policy
  /** `requested_by` of the diagnoses it asks for: it may not decide on their approvals */
  requestedBy: string
  log: Logger
  /** ms, length of a step; default 10,000 */
  stepMs?: number
  /** ms after the end of a step in which its samples may still arrive; default: half a step */
  latenessMs?: number
  /** steps that only teach a series; default 40 */
  warmUp?: number
  /** ms of history that is read at the first start, and at most after a gap; default an hour */
  historyMs?: number
  /** ms after which another process may take over if this one is gone; default 25,000 */
  leaseMs?: number
  clock?: () => number
}

export interface AnomalyAgent {
  /** the open anomalies of this process */
  open(): Anomaly[]
  /** and its open forecasts */
  forecasts(): Forecast[]
  /** how often a service was kept out since the start, by reason */
  keptOut(): Readonly<Record<KeptOut['reason'], number>>
  stop(): Promise<void>
}

const LIST_EVERY_MS = 60_000
const SAVE_EVERY_MS = 60_000
const TURN_LIMIT_MS = 20_000
/** How often a process that does not watch asks whether it should. */
const ASK_EVERY_MS = 5_000
const DAY_MS = 86_400_000

interface Announced {
  anomalies: Anomaly[]
  forecasts: Forecast[]
}

export function startAnomalyAgent(options: AnomalyOptions): AnomalyAgent {
  const { source, controlPlane, store, bus, tenants, requestedBy, log } = options
  const {
    stepMs = 10_000,
    latenessMs = stepMs / 2,
    historyMs = 3_600_000,
    leaseMs = 25_000,
    clock = Date.now,
    warmUp = 40,
  } = options
  const { atOnceMs = Infinity } = source
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const stopping = new AbortController()
  const { signal } = stopping
  const watches = new Map<string, Watch>()
  let watched: ReadonlyMap<string, Watched> = new Map()
  let listedAt = -Infinity
  const keptOut = { maintenance: 0, expected: 0, deployment: 0 }

  const limited = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(TURN_LIMIT_MS)])
  const beginning: Beginning = { source, store, log, clock, stepMs, historyMs, warmUp, limited, stopped: signal }
  const warn = (about: object, error: unknown, what: string): void => {
    if (!signal.aborted) log.warn({ ...about, error: String(error) }, what)
  }

  /** Takes or renews the lease. */
  async function isHeld(): Promise<boolean> {
    const lease = await store.hold(owner, leaseMs)
    // what another process concluded meanwhile is in the store
    if (lease !== 'renewed') watches.clear()
    return lease !== 'elsewhere'
  }

  /** False: another process watches. */
  async function turn(): Promise<boolean> {
    if (!(await isHeld())) return false
    if (clock() - listedAt >= LIST_EVERY_MS) await list()
    for (const [tenant, what] of watched) {
      // each tenant has the time of a lease, and none is kept from being watched by another's trouble
      if (!(await isHeld())) return false
      await catchUp(tenant, what).catch((error: unknown) => warn({ tenant }, error, 'not watched; the next turn catches up')) // prettier-ignore
    }
    await store.publish(bus)
    return true
  }

  async function list(): Promise<void> {
    const { errors, ...listed } = await targetsOf(controlPlane, tenants, watched, limited())
    watched = listed.watched
    for (const error of errors) warn({}, error, 'services could not be listed: the known ones are watched')
    if (errors.length === 0) listedAt = clock()
  }

  async function catchUp(tenant: string, what: Watched): Promise<void> {
    while (!(await watch(tenant, what))) if (!(await isHeld())) return
  }

  /** True: all steps that are over were judged. */
  async function watch(tenant: string, what: Watched): Promise<boolean> {
    const now = Math.floor((clock() - latenessMs) / stepMs) * stepMs
    const known = watches.get(tenant)
    if (known === undefined) {
      // which takes a while; the lease is renewed before more is read
      watches.set(tenant, await begin(tenant, what, beginning))
      return false
    }
    const { watcher, outlook, isFirst } = known
    watcher.connect(what.calls)
    const start = Math.max(watcher.closedUntil, now - historyMs)
    if (start >= now) return true
    const end = Math.min(now, start + atOnceMs)
    const isCaughtUp = end === now
    const { samples, failures } = await source.read(what.targets, { start, end }, stepMs, limited())
    // what was asked while it is stopped is no answer
    signal.throwIfAborted()
    const silent = new Set(failures.map(({ service }) => service))
    tellSilent(tenant, failures, known.silent)
    watches.set(tenant, { ...known, silent })
    // read again by the next turn, from where this one began
    if (failures.length > 0 && failures.length === what.targets.length) throw new Error(`nothing could be measured: ${failures[0]!.why}`) // prettier-ignore
    if ((await store.hold(owner, leaseMs)) !== 'renewed') {
      watches.clear()
      throw new LeaseLostError('another process watches now')
    }
    const { maintenance, deployments } = options.policy()
    const services = what.targets.map(({ service }) => service)
    watcher.except([
      ...maintenanceOf(maintenance, services, { start, end }),
      ...delaysOf(deployments, await store.deployments(tenant, start - deployments.ms)),
      ...(await exceptionsFor(tenant, watcher, start)),
    ])
    // unless what is concluded is stored, the next turn begins from what is
    watches.delete(tenant)
    const said = await judged(known, samples, end)
    tellKeptOut(tenant, known)
    const isCut = tellCut(tenant, known)
    // what began and ended before anybody watched is history
    const announced: Announced = {
      anomalies: !isFirst ? said.anomalies : isCaughtUp ? [...known.lost, ...watcher.announceOpen()] : [],
      forecasts: !known.isNewOutlook ? said.forecasts : isCaughtUp ? outlook.announceOpen() : [],
    }
    const hasNews = announced.anomalies.length + announced.forecasts.length > 0
    const isDue = hasNews || (clock() - known.savedAt >= SAVE_EVERY_MS && (!isFirst || isCaughtUp))
    if (isDue) await keep(tenant, what, known, announced)
    const savedAt = isDue ? clock() : known.savedAt
    const first = isCaughtUp ? { isFirst: false, isNewOutlook: false, lost: [] } : {}
    watches.set(tenant, { ...known, silent, isCut, savedAt, ...first })
    return isCaughtUp
  }

  /** Those in force at `time` or later. An expected anomaly is kept out as it is now, not only as it was announced. */
  async function exceptionsFor(tenant: string, watcher: Watch['watcher'], time: number): Promise<Exception[]> {
    const told = await store.exceptions(tenant, time)
    if (told.length === 0) return []
    const open = watcher.open().map(({ id }) => {
      const off = watcher.offIn(id)
      const [services, indicators] = [off.map(({ service }) => service), off.map(({ indicator }) => indicator)]
      return { id: anomalyId(tenant, id), services: [...new Set(services)], indicators: [...new Set(indicators)] }
    })
    const wider = grown(told, open, time)
    for (const one of wider) await store.widen(tenant, one)
    return exceptionsOf(wider.length === 0 ? told : await store.exceptions(tenant, time))
  }

  /** Step by step: the samples of an hour, merged all at once, would take many times their own memory. Heartbeats and probes are answered in between. */
  async function judged({ watcher, outlook }: Watch, samples: readonly Sample[], end: number): Promise<Announced> {
    const steps = Map.groupBy(samples, ({ time }) => Math.ceil(time / stepMs) * stepMs)
    const said: Announced = { anomalies: [], forecasts: [] }
    for (const step of [...new Set([...steps.keys(), end])].sort((a, b) => a - b)) {
      for (const sample of steps.get(step) ?? []) {
        watcher.add(sample, end)
        if (sample.time <= end) outlook.add(sample)
      }
      const now = Math.min(step, end)
      for (const one of watcher.advance(now)) said.anomalies.push(one)
      for (const one of outlook.advance(now)) said.forecasts.push(one)
      await setImmediate()
    }
    return said
  }

  async function keep(tenant: string, { namespaceOf }: Watched, { watcher, outlook }: Watch, announced: Announced) {
    const context: AnomalyContext = { tenant, stepMs, namespaceOf }
    const isSilent = announced.anomalies.length + announced.forecasts.length === 0
    const asked = isSilent ? [] : await store.asked(tenant, clock() - DAY_MS)
    const said = await conclusions(
      announced,
      { bus, policy: options.policy(), requestedBy, asked, now: clock() },
      context,
    )
    const states = { watcher: watcher.snapshot(), outlook: outlook.snapshot() }
    await store.save(owner, tenant, states, said.records, said.requests)
    for (const { about, ...line } of said.lines) log.info({ tenant, ...line }, about)
  }

  function tellKeptOut(tenant: string, { watcher }: Watch): void {
    for (const { service, reason } of watcher.takeKeptOut()) {
      keptOut[reason] += 1
      log.info({ tenant, service, reason }, 'kept out')
    }
  }

  function tellCut(tenant: string, { watcher, outlook, isCut }: Watch): Watch['isCut'] {
    const [watched, foretold] = [watcher.counts().beyond > 0, outlook.beyond > 0]
    if (watched && !isCut.watched) log.warn({ tenant, series: watcher.size.series }, 'too many series: no others are watched') // prettier-ignore
    if (foretold && !isCut.foretold) log.warn({ tenant, series: outlook.size }, 'too many series that can be full: nothing is foretold of others') // prettier-ignore
    return { watched, foretold }
  }

  function tellSilent(tenant: string, failures: Measured['failures'], before: ReadonlySet<string>): void {
    const now = new Set(failures.map(({ service }) => service))
    for (const { service, why: error } of failures)
      if (!before.has(service)) log.warn({ tenant, service, error }, 'not measured: a gap, not an anomaly')
    for (const service of before) if (!now.has(service)) log.info({ tenant, service }, 'measured again')
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const began = clock()
      const isOurs = await turn().catch((error: unknown) => {
        warn({}, error, 'the turn was not finished; the next one catches up')
        return true
      })
      const left = Math.max(0, began + (isOurs ? stepMs : Math.min(stepMs, ASK_EVERY_MS)) - clock())
      await delay(left, undefined, { signal }).catch(() => undefined)
    }
  }

  const running = run()
  return {
    open: () => [...watches.values()].flatMap(({ watcher }) => watcher.open()),
    forecasts: () => [...watches.values()].flatMap(({ outlook }) => outlook.open()),
    keptOut: () => keptOut,
    async stop() {
      stopping.abort()
      await running
      await store.release(owner).catch(() => undefined)
    },
  }
}
