/** Scrapes the shop's own metrics over HTTP every second or two, as Prometheus would, from each service's current address. */
import { parseScrape, type Scrape } from './exposition.ts'
import { type Counter, indicatorsOf, type IndicatorSample, isCounter } from './indicators.ts'
import type { CounterSample } from './rate.ts'
import type { RunningService } from './supervisor.ts'

export interface ScrapeOptions {
  services(): readonly RunningService[]
  everyMs: number
  /** ms without scraping after the start: a shop that just opened is slow everywhere for a moment */
  warmUpMs: number
  /** rate window in ms */
  windowMs: number
  clock(): number
  /**
   * all samples of one round; a service that did not answer still has those within the window. Begins when the rate window is full for the first time: until
   * then the rates would climb from near zero, as if the traffic had.
   */
  onSamples(samples: readonly IndicatorSample[]): Promise<void> | void
}

/** Returns a stop function; a running round is finished. */
export function startScraping(options: ScrapeOptions): { stop(): Promise<void> } {
  const follow = createFollower(options.windowMs)
  let round: Promise<void> = Promise.resolve()
  let busy = false
  const opens = performance.now() + options.warmUpMs
  const isFull = () => performance.now() >= opens + options.windowMs
  const timer = setInterval(() => {
    if (busy || performance.now() < opens) return
    busy = true
    round = scrapeAll().finally(() => {
      busy = false
    })
  }, options.everyMs)

  async function scrapeAll(): Promise<void> {
    const answers = options.services().map(async (service) => {
      const at = options.clock()
      return follow(service, await ask(service.address, options.everyMs), at)
    })
    const samples = (await Promise.all(answers)).flat()
    if (isFull()) await options.onSamples(samples)
  }

  return {
    stop: async () => {
      clearInterval(timer)
      await round
    },
  }
}

/** A service that does not answer has no samples. */
async function ask(address: string, limitMs: number): Promise<Scrape | null> {
  try {
    const response = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(limitMs * 2) })
    return response.ok ? parseScrape(await response.text()) : null
  } catch {
    return null
  }
}

/** Keeps the counters of each replica's processes for the length of the window; those of a replaced process still count. */
export function createFollower(windowMs: number) {
  const replicas = new Map<string, Map<string, Counter & { samples: CounterSample[] }>>()
  return (
    { name, instance, address }: Pick<RunningService, 'name' | 'instance' | 'address'>,
    scrape: Scrape | null,
    at: number,
  ): IndicatorSample[] => {
    const counters = replicas.get(instance) ?? new Map<string, Counter & { samples: CounterSample[] }>()
    replicas.set(instance, counters)
    for (const [series, { value, ...sample }] of scrape ?? []) {
      if (!isCounter(sample)) continue
      const key = `${address} ${series}`
      const counter = counters.get(key) ?? { ...sample, samples: [] }
      counter.samples.push({ at, value })
      counters.set(key, counter)
    }
    for (const [key, counter] of counters) {
      counter.samples = counter.samples.filter((sample) => sample.at > at - windowMs)
      if (counter.samples.length === 0) counters.delete(key)
    }
    return indicatorsOf({ counters: counters.values(), scrape, at, windowMs }).map((sample) => ({
      time: at,
      service: name,
      instance,
      ...sample,
    }))
  }
}
