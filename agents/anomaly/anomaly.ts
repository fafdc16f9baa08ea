/**
 * The anomaly agent: measures, watches, announces, and asks for a diagnosis where the policy says so. What is concluded is stored together with the state it
 * comes from, and published afterwards: whatever dies when, each announcement is made once.
 */
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { smallest } from '../../analysis/extremes.ts'
import { MOST_FORETOLD } from '../../analysis/filling/outlook.ts'
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import type { TimeRange } from '../../analysis/observations.ts'
import type { KeptOut } from '../../analysis/watch/exceptions.ts'
import type { Anomaly, Band, Identity, Sample } from '../../analysis/watch/watched.ts'
import { MOST_WATCHED } from '../../analysis/watch/watcher.ts'
import type { Bus } from '../../bus/bus.ts'
import type { Tenants } from '../../tenants/tenants.ts'
import type { ControlPlaneTool } from '../tools/tools.ts'
import { begin, type Watch } from './begin.ts'
import { type Concluded, conclusions } from './conclusions.ts'
import type { AnomalyContext } from './events.ts'
import { exceptionsIn } from './except.ts'
import { ASKED, holding } from './held.ts'
import { type Announced, judged } from './judge.ts'
import { createNotices } from './notices.ts'
import type { Policy } from './policy.ts'
import { type Part, shardOf, shardsOf } from './shards.ts'
import type { Source, Target } from './source.ts'
import type { AnomalyStore } from './store.ts'
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
  /** ms after which other processes may take over if this one is gone; default 22,000 */
  leaseMs?: number
  clock?: () => number
}

export interface AnomalyAgent {
  /** the open anomalies of this process */
  open(): Anomaly[]
  /** and its open forecasts */
  forecasts(): Forecast[]
  /** by tenant, of the series of this process that `isChosen` accepts */
  bands(isChosen: (identity: Identity) => boolean): Map<string, Band[]>
  /** how many shards this process watches */
  shards(): number
  /** how often a service was kept out since the start, by reason */
  keptOut(): Readonly<Record<KeptOut['reason'], number>>
  stop(): Promise<void>
}

const LIST_EVERY_MS = 60_000
const SAVE_EVERY_MS = 60_000
const TURN_LIMIT_MS = 20_000
const DAY_MS = 86_400_000

/** Shards from where on they are watched next: they are read together. */
interface Behind {
  start: number
  shards: ReadonlyMap<number, Watch>
}

export function startAnomalyAgent(options: AnomalyOptions): AnomalyAgent {
  const { source, controlPlane, store, bus, tenants, requestedBy, log } = options
  const {
    stepMs = 10_000,
    latenessMs = stepMs / 2,
    historyMs = 3_600_000,
    leaseMs = 22_000,
    clock = Date.now,
    warmUp = 40,
  } = options
  const { atOnceMs = Infinity } = source
  const owner = `${hostname()}/${process.pid}/${randomUUID()}`
  const stopping = new AbortController()
  const { signal } = stopping
  let watched: ReadonlyMap<string, Watched> = new Map()
  /** by tenant, then by service */
  const shards = new Map<string, ReadonlyMap<string, number>>()
  let listedAt = -Infinity
  const keptOut = { maintenance: 0, expected: 0, deployment: 0 }
  const notices = createNotices(log)

  const limited = (): AbortSignal => AbortSignal.any([signal, AbortSignal.timeout(TURN_LIMIT_MS)])
  const warn = (about: object, error: unknown, what: string): void => {
    if (!signal.aborted) log.warn({ ...about, error: String(error) }, what)
  }
  const shardIn = (tenant: string, service: string): number => shards.get(tenant)?.get(service) ?? shardOf(tenant, service) // prettier-ignore
  const { watches, isHeld, release } = holding({ store, owner, leaseMs, log, onChange: () => source.only?.(isOurs) }) // prettier-ignore

  function isOurs({ service, namespace }: Pick<Target, 'service' | 'namespace'>): boolean {
    const tenant = tenants.ownerOf(service, namespace)
    return tenant !== null && watches.has(shardIn(tenant, service))
  }

  /** False: there is nothing to watch for this process. */
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
    for (const [tenant, { targets, calls }] of watched) {
      const known = new Map([...(shards.get(tenant) ?? []), ...(await store.shards(tenant))])
      const services = targets.map(({ service }) => service)
      shards.set(tenant, shardsOf(tenant, services, calls, known))
    }
    for (const error of errors) warn({}, error, 'services could not be listed: the known ones are watched')
    if (errors.length === 0) listedAt = clock()
  }

  async function catchUp(tenant: string, what: Watched): Promise<void> {
    const now = Math.floor((clock() - latenessMs) / stepMs) * stepMs
    await beginIn(tenant, what)
    const failed = new Set<number>()
    while (await isHeld()) {
      const behind = farthestBehind(tenant, now, failed)
      if (behind === null) return
      await watch(tenant, what, behind, now).catch((error: unknown) => {
        warn({ tenant }, error, 'not watched; the next turn catches up')
        for (const shard of behind.shards.keys()) failed.add(shard)
      })
    }
  }

  /** What is watched of the tenant by this process, by shard. */
  const watchesOf = (tenant: string): [number, Watch][] =>
    [...watches].flatMap(([shard, of]) => (of.has(tenant) ? [[shard, of.get(tenant)!]] : []))

  /** Those shards that are farthest behind, and from where they are watched on; null: all steps up to `now` were judged. */
  function farthestBehind(tenant: string, now: number, but: ReadonlySet<number>): Behind | null {
    const left = watchesOf(tenant).filter(([shard]) => !but.has(shard))
    const startOf = ({ watcher }: Watch): number => Math.max(watcher.closedUntil, now - historyMs)
    const start = smallest(left.map(([, one]) => startOf(one)))
    return start < now ? { start, shards: new Map(left.filter(([, one]) => startOf(one) === start)) } : null
  }

  async function beginIn(tenant: string, { targets }: Watched): Promise<void> {
    const limit = limited()
    for (const [shard, known] of watches) {
      if (known.has(tenant)) continue
      const own = targets.filter(({ service }) => shardIn(tenant, service) === shard)
      known.set(tenant, await begin({ tenant, shard }, own, { source, store, log, clock, stepMs, historyMs, warmUp, limit, stopped: signal })) // prettier-ignore
    }
  }

  async function watch(tenant: string, what: Watched, { start, shards: behind }: Behind, now: number): Promise<void> {
    const range = { start, end: Math.min(now, start + atOnceMs) }
    const targets = what.targets.filter(({ service }) => behind.has(shardIn(tenant, service)))
    const samples = await measured(tenant, targets, range)
    const services = targets.map(({ service }) => service)
    const exceptions = await exceptionsIn(tenant, range, { store, policy: options.policy(), services })
    const byShard = Map.groupBy(samples, ({ service }) => shardIn(tenant, service))
    for (const [shard, known] of behind) {
      await isHeld()
      if (watches.get(shard)?.get(tenant) !== known) continue
      known.watcher.except(await exceptions(known.watcher))
      await conclude({ tenant, shard }, what, known, byShard.get(shard) ?? [], range.end, now)
    }
  }

  async function measured(tenant: string, targets: readonly Target[], range: TimeRange): Promise<Sample[]> {
    if (targets.length === 0) return []
    const { samples, failures } = await source.read(targets, range, stepMs, limited())
    // what was asked while it is stopped is no answer
    signal.throwIfAborted()
    notices.silent(tenant, targets, failures)
    // read again by the next turn, from where this one began
    if (failures.length > 0 && failures.length === targets.length) throw new Error(`nothing could be measured: ${failures[0]!.why}`) // prettier-ignore
    return samples
  }

  /** Judges what was measured up to `end`. */
  async function conclude(
    part: Part,
    what: Watched,
    known: Watch,
    samples: readonly Sample[],
    end: number,
    now: number,
  ): Promise<void> {
    const { tenant, shard } = part
    const isCaughtUp = end === now
    const { watcher, outlook, isFirst } = known
    watcher.connect(what.calls)
    const others = watchesOf(tenant).filter(([other]) => other !== shard)
    watcher.allow(others.reduce((left, [, one]) => left - one.watcher.size.series, MOST_WATCHED))
    outlook.allow(others.reduce((left, [, one]) => left - one.outlook.size, MOST_FORETOLD))
    const kept = watches.get(shard)!
    // unless what is concluded is stored, the next turn begins from what is
    kept.delete(tenant)
    const said = await judged(known, samples, stepMs, end)
    for (const one of watcher.takeKeptOut()) {
      keptOut[one.reason] += 1
      notices.keptOut(part, one)
    }
    notices.cut(tenant, {
      watched: watcher.counts().beyond > 0 ? watcher.size.series : null,
      foretold: outlook.beyond > 0 ? outlook.size : null,
    })
    // what began and ended before anybody watched is history
    const announced: Announced = {
      anomalies: !isFirst ? said.anomalies : isCaughtUp ? [...known.lost, ...watcher.announceOpen()] : [],
      forecasts: !known.isNewOutlook ? said.forecasts : isCaughtUp ? outlook.announceOpen() : [],
    }
    const hasNews = announced.anomalies.length + announced.forecasts.length > 0
    const isDue = hasNews || (clock() - known.savedAt >= SAVE_EVERY_MS && (!isFirst || isCaughtUp))
    // of a part that never had a service, nothing is stored
    const isStored = known.isStored || (isDue && watcher.size.services > 0)
    if (isDue && isStored) await keep(part, what, known, hasNews ? announced : null)
    const savedAt = isDue ? clock() : known.savedAt
    const first = isCaughtUp ? { isFirst: false, isNewOutlook: false, lost: [] } : {}
    kept.set(tenant, { ...known, isStored, savedAt, ...first })
  }

  /** `announced` null: nothing is. */
  async function keep(part: Part, { namespaceOf }: Watched, { watcher, outlook }: Watch, announced: Announced | null) {
    const { tenant } = part
    const states = { watcher: watcher.snapshot(), outlook: outlook.snapshot() }
    if (announced === null) return store.save(owner, part, states, null)
    const context: AnomalyContext = { tenant, stepMs, namespaceOf }
    let lines: Concluded['lines'] = []
    await store.save(owner, part, states, {
      since: clock() - DAY_MS,
      async conclude(asked) {
        const rules = { bus, policy: options.policy(), requestedBy, asked, now: clock() }
        const said = await conclusions(announced, rules, context)
        lines = said.lines
        return said
      },
    })
    for (const { about, ...line } of lines) log.info({ tenant, ...line }, about)
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const began = clock()
      await turn().catch((error: unknown) => warn({}, error, 'the turn was not finished; the next one catches up'))
      const left = Math.max(0, began + Math.min(stepMs, leaseMs / ASKED) - clock())
      await delay(left, undefined, { signal }).catch(() => undefined)
    }
  }

  const all = (): Watch[] => [...watches.values()].flatMap((of) => [...of.values()])
  const running = run()
  return {
    open: () => all().flatMap(({ watcher }) => watcher.open()),
    forecasts: () => all().flatMap(({ outlook }) => outlook.open()),
    bands: (isChosen) => {
      const tenantsHere = new Set([...watches.values()].flatMap((of) => [...of.keys()]))
      return new Map([...tenantsHere].map((tenant) => [tenant, watchesOf(tenant).flatMap(([, { watcher }]) => watcher.bands(isChosen))])) // prettier-ignore
    },
    shards: () => watches.size,
    keptOut: () => keptOut,
    async stop() {
      stopping.abort()
      await running
      await release().catch(() => undefined)
    },
  }
}
