/** Gathers the shop's own metrics, as Prometheus would: over HTTP, every second or two, from the address each service has now. */
import { parseScrape, type Scrape } from './exposition.ts'
import { increase, indicatorsOf, type IndicatorSample, type Increase } from './indicators.ts'
import type { RunningService } from './supervisor.ts'

export interface ScrapeOptions {
  services(): readonly RunningService[]
  everyMs: number
  /** a shop that has just opened is slow for a moment, all of it at once: nothing is scraped before */
  warmUpMs: number
  /** what rates and quantiles look back on */
  windowMs: number
  clock(): number
  /** all samples of one round; a service that did not answer is absent from it */
  onSamples(samples: readonly IndicatorSample[]): Promise<void> | void
}

interface Seen {
  address: string
  at: number
  scrape: Scrape
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
      const scrape = await ask(service.address, options.everyMs)
      return scrape === null ? [] : follow(service, scrape, options.clock())
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

/** Remembers per replica what it needs for increases. The first scrape of a new process is a starting point only. */
function createFollower(windowMs: number) {
  const seen = new Map<string, Seen>()
  const windows = new Map<string, Increase[]>()
  return ({ name, instance, address }: RunningService, scrape: Scrape, at: number): IndicatorSample[] => {
    const before = seen.get(instance)
    seen.set(instance, { address, at, scrape })
    if (before?.address !== address || at <= before.at) return []
    const window = [...(windows.get(instance) ?? []), increase(before.scrape, scrape, before.at, at)]
    const kept = window.filter(({ end }) => end > at - windowMs)
    windows.set(instance, kept)
    return indicatorsOf(kept, scrape.memoryBytes).map((sample) => ({ time: at, service: name, instance, ...sample }))
  }
}
