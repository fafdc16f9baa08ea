/**
 * Simulates the shop faster than real time: the same releases, customers, counters and log lines as the lab's processes, in one process with a
 * virtual clock. An hour takes seconds, and the same seed gives the same hour. Only the caller knows the injected faults.
 */
import type { IndicatorSample } from '../indicators.ts'
import { dependencies } from '../releases.ts'
import { createFollower } from '../scrape.ts'
import type { Send } from '../shop/dependencies.ts'
import type { Surroundings } from '../shop/surroundings.ts'
import { chooseVisit, untilTheNext } from '../shop/visits.ts'
import { type FaultName, faults } from '../faults.ts'
import { openShop, type Shop, type Told } from './shop.ts'
import { createStage, type Outage, stageOf } from './stage.ts'
import { createVirtualTime, type VirtualTime } from './virtual-time.ts'

export interface ReplayOptions {
  /** ms since the epoch */
  start: number
  end: number
  /** in [0, 1), seeded: the same hour for the same seed */
  random: () => number
  outages?: readonly Outage[]
  /** a fault of the lab; `at`: ms since the epoch; `until`: null: it does not end */
  fault?: { name: FaultName; at: number; until: number | null }
  /** default 6 */
  visitsPerSecond?: number
  /** default 10,000 */
  scrapeEveryMs?: number
  /** rate window in ms; default 30,000 */
  windowMs?: number
  /** is told the samples of each scrape, which are then not kept */
  onSamples?: (round: IndicatorSample[]) => void
}

export interface Replayed extends Told {
  samples: IndicatorSample[]
}

const AT_ONCE = 60

export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { start, end, random, outages = [], visitsPerSecond = 6, scrapeEveryMs = 10_000, windowMs = 30_000 } = options
  const time = createVirtualTime(start)
  const surroundings: Surroundings = { ...time, random }
  const replayed: Replayed = { samples: [], logs: [], changes: [] }
  const keep = (round: readonly IndicatorSample[]): void => {
    for (const sample of round) replayed.samples.push(sample)
  }
  const { onSamples = keep } = options
  const shop = await openShop(surroundings, replayed)
  createStage(outages, surroundings, shop)
  let times = 1
  const stage = stageOf(shop, time, (next) => {
    times = next
  })
  if (options.fault !== undefined) {
    const { name, at, until } = options.fault
    void time.wait(at - start).then(() => faults[name].begin(stage))
    if (until !== null) void time.wait(until - start).then(() => faults[name].end(stage))
  }
  bringCustomers(() => times * visitsPerSecond, surroundings, shop.send)
  const scrape = scraping(shop, windowMs, time, onSamples)
  for (let at = start + scrapeEveryMs; at <= end; at += scrapeEveryMs) {
    await time.runUntil(at)
    await scrape()
  }
  await time.runUntil(end)
  return replayed
}

function bringCustomers(visitsPerSecond: () => number, { wait, random }: Surroundings, send: Send): void {
  let open = 0
  const visit = async (): Promise<void> => {
    const { path, ...rest } = chooseVisit(random)
    await send('frontend', path, { ...rest, timeoutMs: 8_000, trace: traceparent(random) }).catch(() => undefined)
    open -= 1
  }
  const next = (): void =>
    void wait(untilTheNext(visitsPerSecond(), random)).then(() => {
      if (open < AT_ONCE) {
        open += 1
        void visit()
      }
      next()
    })
  next()
}

function traceparent(random: () => number): string {
  const hex = (digits: number): string => Array.from({ length: digits / 8 }, () => Math.floor(random() * 2 ** 32).toString(16).padStart(8, '0')).join('') // prettier-ignore
  return `00-${hex(32)}-${hex(16)}-01`
}

function scraping(
  shop: Shop,
  windowMs: number,
  time: VirtualTime,
  onSamples: (round: IndicatorSample[]) => void,
): () => Promise<void> {
  const follow = createFollower(windowMs)
  return async () => {
    const round: IndicatorSample[] = []
    for (const [name, { process, address }] of shop.running) {
      const scrape = process === null ? null : await process.scrape()
      for (const sample of follow({ name, instance: `${name}-0`, address }, scrape, time.now())) round.push(sample)
    }
    onSamples(round)
  }
}

export const edges = Object.entries(dependencies).flatMap(([from, all]) => all.map((to) => ({ from, to })))
