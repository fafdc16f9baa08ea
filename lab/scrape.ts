/** Gathers the shop's own metrics, as Prometheus would: over HTTP, every second or two, from the address each service has now. */
import { parseScrape, type Scrape } from './exposition.ts'
import { type Counter, indicatorsOf, type IndicatorSample, isCounter, memoryIn } from './indicators.ts'
import type { CounterSample } from './rate.ts'
import type { RunningService } from './supervisor.ts'

export interface ScrapeOptions {
  services(): readonly RunningService[]
  everyMs: number
  /** a shop that has just opened is slow for a moment, all of it at once: nothing is scraped before */
  warmUpMs: number
  /** what rates and quantiles look back on */
  windowMs: number
  clock(): number
  /** all samples of one round; of a service that did not answer what its last answers still tell within the window */
  onSamples(samples: readonly IndicatorSample[]): Promise<void> | void
}

/** Returns what ends it; the round in hand is finished. */
export function startScraping(options: ScrapeOptions): { stop(): Promise<void> } {
  const follow = createFollower(options.windowMs)
  let round: Promise<void> = Promise.resolve()
  let busy = false
  const opens = performance.now() + options.warmUpMs
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
    await options.onSamples((await Promise.all(answers)).flat())
  }

  return {
    stop: async () => {
      clearInterval(timer)
      await round
    },
  }
}

/** A service that cannot be asked has no sample: its absence is what a reader sees. */
async function ask(address: string, limitMs: number): Promise<Scrape | null> {
  try {
    const response = await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(limitMs * 2) })
    return response.ok ? parseScrape(await response.text()) : null
  } catch {
    return null
  }
}

/** Remembers each counter of each process of a replica as far as the window looks back: those of a process that was replaced count on. */
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
    const memoryBytes = scrape === null ? null : memoryIn(scrape)
    return indicatorsOf({ counters: counters.values(), memoryBytes, at, windowMs }).map((sample) => ({
      time: at,
      service: name,
      instance,
      ...sample,
    }))
  }
}
