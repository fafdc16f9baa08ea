/** A Prometheus that scrapes the generated services of the benchmark, and a Loki that gets their lines, both with an hour and a half of history. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { stringify } from 'yaml'
import { linesBetween, type LogLine, samplesAt } from '../../bench/live/services.ts'
import { type Loki, pushLogs, startPrivateLoki } from './loki.ts'
import { openMetrics, startPrometheus } from './prometheus.ts'

const SCRAPED_MS = 15_000
const HISTORY_MS = 90 * 60_000
/** One service fails since then. */
const FAILS_MS = 12 * 60_000
const PUSHED_MS = 5_000
const PUSHED_TOGETHER = 10

export async function watchServices() {
  const began = Math.floor(Date.now() / SCRAPED_MS) * SCRAPED_MS
  const failsFrom = began - FAILS_MS
  const exporter = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4')
    response.end(samplesAt(Date.now(), failsFrom).map(({ name, labels, value }) => `${name}{${Object.entries(labels).map(([label, text]) => `${label}="${text}"`).join(',')}} ${value}\n`).join('')) // prettier-ignore
  }).listen(0, '127.0.0.1')
  await once(exporter, 'listening')
  exporter.unref()
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`
  const past = openMetrics(history(began, failsFrom))
  // that took seconds, in which a kept connection may have been closed: notice it before the next request
  await setImmediate()
  const prometheus = await startPrometheus({
    openMetrics: past,
    config: stringify({
      global: { scrape_interval: `${SCRAPED_MS / 1000}s` },
      scrape_configs: [
        {
          job_name: 'services',
          honor_labels: true,
          static_configs: [{ targets: [target] }],
          // as in the history
          metric_relabel_configs: [{ regex: 'job|instance', action: 'labeldrop' }],
        },
      ],
    }),
  })
  const loki = await startPrivateLoki({ tenants: false })
  const streams = streamsOf(linesBetween(began - HISTORY_MS, began, failsFrom))
  // Loki takes 4 MB at once
  for (let at = 0; at < streams.length; at += PUSHED_TOGETHER)
    await pushLogs(loki.url, 'none', streams.slice(at, at + PUSHED_TOGETHER))
  const pushing = keepPushing(loki.url, began, failsFrom)
  return {
    prometheus,
    loki,
    async close() {
      await pushing.stop()
      exporter.close()
      await Promise.all([prometheus.stop(), loki.stop()])
    },
  }
}

function* history(until: number, failsFrom: number) {
  for (let ms = until - HISTORY_MS; ms <= until; ms += SCRAPED_MS)
    for (const sample of samplesAt(ms, failsFrom)) yield { ...sample, seconds: ms / 1000 }
}

const streamsOf = (lines: readonly LogLine[]): Parameters<Loki['push']>[0] =>
  [...Map.groupBy(lines, ({ service }) => service)].map(([service, own]) => ({ labels: { service }, lines: own }))

function keepPushing(url: string, from: number, failsFrom: number): { stop(): Promise<void> } {
  let since = from
  let last = Promise.resolve()
  const push = async () => {
    const until = Date.now()
    const streams = streamsOf(linesBetween(since, until, failsFrom))
    since = until
    const body = { streams: streams.map(({ labels, lines }) => ({ stream: labels, values: lines.map(({ ms, line }) => [`${ms}000000`, line]) })) } // prettier-ignore
    const { ok, status } = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }) // prettier-ignore
    if (!ok) console.error(`Loki answered ${status} to a push`)
  }
  const timer = setInterval(() => {
    last = push().catch((error: unknown) => console.error(error))
  }, PUSHED_MS).unref()
  return {
    stop() {
      clearInterval(timer)
      return last
    },
  }
}
