import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { lokiLogs } from '../../agents/tools/loki/loki.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { growingRecording } from '../../agents/tools/recording/source.ts'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { LogsAnswer, LogsTool, MetricsAnswer, MetricsTool } from '../../agents/tools/tools.ts'
import { startLab, type Lab } from '../../lab/lab.ts'
import { pushLogsToLoki } from '../../lab/loki.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { loki } from '../servers/loki.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { until } from './until.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'lab-window-'))
const ends: (() => unknown)[] = []
let lab: Lab
let recorded: { metrics: MetricsTool; logs: LogsTool }
let live: { metrics: MetricsTool; logs: LogsTool }
let baseline: { start: number; end: number }
let range: { start: number; end: number }
let deployedAt: number

/** Waits for this many further rounds of measurements. */
async function rounds(count: number): Promise<void> {
  let seen = 0
  const leave = lab.onSamples(() => (seen += 1))
  await until(() => seen >= count, 60_000 + 4_000 * count)
  leave()
}

/** The shop before and after a bad deployment, seen by its recording and by a real Prometheus and Loki. */
beforeAll(async () => {
  lab = await startLab({ dataDir })
  const discovery = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(lab.scrapeTargets()))
  })
  discovery.listen(0, '127.0.0.1')
  await once(discovery, 'listening')
  const { port } = discovery.address() as AddressInfo
  const prometheus = await startPrometheus({
    config: `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    http_sd_configs: [{ url: 'http://127.0.0.1:${port}/', refresh_interval: 1s }]`,
  })
  const { url, tenant } = await loki()
  const shipper = pushLogsToLoki(lab, { url, tenant, everyMs: 200 })
  ends.push(
    () => shipper.close(),
    () => prometheus.stop(),
    () => discovery.close(),
  )

  const source = growingRecording(lab.recordingDir)
  recorded = { metrics: recordedMetrics(source), logs: recordedLogs(source) }
  const timeoutMs = 60_000
  live = {
    metrics: prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs }), rateWindowS: 10 }),
    logs: lokiLogs({ http: createHttp({ baseUrl: url, timeoutMs, credentials: { tenant } }) }),
  }
  await rounds(12)
  const start = Date.now()
  await rounds(60) // long enough to measure each service's noise, so that both sources estimate it alike
  baseline = { start, end: Date.now() }
  deployedAt = Date.now()
  await lab.deploy(badDeployment.service, badDeployment.imageTag)
  await rounds(12) // the ten-second windows now contain the new release only
  const settled = Date.now()
  await rounds(25)
  range = { start: settled, end: Date.now() }
  await rounds(3) // the last lines are still on their way
}, 600_000)

afterAll(async () => {
  for (const end of ends) await end()
  await lab.close()
  rmSync(dataDir, { recursive: true })
})

const busy = ['frontend', 'catalog', 'cart']
const context = { signal: new AbortController().signal }

async function metricsOf(tool: MetricsTool, service: string): Promise<MetricsAnswer> {
  const answer = await tool.goldenSignals({ service, range, baseline, stepS: 1 }, context)
  if (answer.status !== 'ok') throw new Error(`${service}: ${answer.status} ${answer.summary}`)
  return answer.data
}

async function logsOf(tool: LogsTool, service: string): Promise<LogsAnswer> {
  const answer = await tool.logs({ service, range, baseline }, context)
  if (answer.status !== 'ok') throw new Error(`${service}: ${answer.status} ${answer.summary}`)
  return answer.data
}

const levels = ({ comparison }: MetricsAnswer, indicator: string) => {
  const found = comparison.find((one) => one.indicator === indicator)
  return { unit: found?.unit, before: found?.before ?? Number.NaN, during: found?.during ?? Number.NaN }
}

describe.each(['frontend', 'catalog', 'cart', 'checkout', 'payment'])('of %s', (service) => {
  test('Prometheus and the recording have the same indicators, units and levels', async () => {
    const [inRecording, inPrometheus] = [
      await metricsOf(recorded.metrics, service),
      await metricsOf(live.metrics, service),
    ]
    const names = (answer: MetricsAnswer) => answer.series.map(({ indicator, unit }) => `${indicator} ${unit}`).sort()
    expect(names(inPrometheus)).toEqual(names(inRecording))
    const alike = (indicator: string, when: 'before' | 'during', factor: number) => {
      const ratio = levels(inPrometheus, indicator)[when] / levels(inRecording, indicator)[when]
      expect(ratio, `${indicator} ${when}`).toBeGreaterThan(1 / factor)
      expect(ratio, `${indicator} ${when}`).toBeLessThan(factor)
    }
    for (const when of ['before', 'during'] as const) {
      alike('memory', when, 1.5)
      alike('request_rate', when, 2)
      // quantiles of one request per second are too noisy to compare
      if (busy.includes(service)) alike('latency_p95', when, 3)
    }
    if (!busy.includes(service)) return
    const [here, there] = [levels(inRecording, 'error_ratio'), levels(inPrometheus, 'error_ratio')]
    expect(Math.abs(there.during - here.during)).toBeLessThan(0.2)
    expect(Math.abs(there.before - here.before)).toBeLessThan(0.05)
  }, 180_000)
})

test('both show the bad release in latency, errors and new log lines', async () => {
  for (const { metrics, logs } of [recorded, live]) {
    const measured = await metricsOf(metrics, 'cart')
    expect(levels(measured, 'latency_p95').during).toBeGreaterThan(5 * levels(measured, 'latency_p95').before)
    expect(levels(measured, 'error_ratio').during).toBeGreaterThan(0.1)
    const { templates } = await logsOf(logs, 'cart')
    const fresh = templates.filter(({ isNew }) => isNew).map(({ template }) => template)
    expect(fresh.some((template) => template.includes('no price'))).toBe(true)
  }
}, 180_000)

test('Loki returns the lines of the recording', async () => {
  for (const service of ['cart', 'frontend']) {
    const within = async (logs: LogsTool) =>
      (await logsOf(logs, service)).lines.filter(
        ({ timestamp }) => timestamp >= baseline.start && timestamp <= range.end,
      ).length
    const here = await within(recorded.logs)
    await expect.poll(() => within(live.logs)).toBe(here)
  }
}, 180_000)

/** The assistant's input for a diagnosis of the deployment, from one set of tools: the time since it, and before. */
async function observed({ metrics, logs }: { metrics: MetricsTool; logs: LogsTool }): Promise<Observations> {
  const services = lab.services()
  const before = { start: baseline.start, end: deployedAt }
  const window = { start: deployedAt, end: range.end }
  const measured = services.map(({ name }) =>
    metrics.goldenSignals({ service: name, range: window, baseline: before, stepS: 1 }, context),
  )
  const written = services.map(({ name }) => logs.logs({ service: name, range: window, baseline: before }, context))
  return {
    window,
    baseline: before,
    series: (await Promise.all(measured)).flatMap((answer) =>
      (answer.data?.series ?? []).map((one) => ({
        ...one,
        times: Float64Array.from(one.times),
        values: Float64Array.from(one.values),
      })),
    ),
    logs: (await Promise.all(written)).flatMap((answer) => answer.data?.lines ?? []),
    spans: [],
    edges: services.flatMap(({ name, dependsOn }) => dependsOn.map((to) => ({ from: name, to }))),
    changes: [
      {
        id: 'change-1',
        timestamp: deployedAt,
        type: 'DEPLOYMENT',
        service: badDeployment.service,
        summary: `Deployed ${badDeployment.imageTag} (previously ${badDeployment.good})`,
      },
    ],
  }
}

test('both lead to the same verdict, the same cause and the same top three', async () => {
  const [here, there] = [diagnose(await observed(recorded)), diagnose(await observed(live))]
  const top = ({ rootCauses }: Verdict) => rootCauses.slice(0, 3).map(({ service, indicator }) => `${service} ${indicator}`) // prettier-ignore
  for (const { verdict, rootCauses } of [here, there]) {
    expect(verdict).toBe('incident')
    expect(rootCauses[0]).toMatchObject({ service: badDeployment.service, changeId: 'change-1' })
    expect(rootCauses[0]?.indicator).toMatch(/^(latency|error)_/)
  }
  expect(there.rootCauses[0]?.indicator).toBe(here.rootCauses[0]?.indicator)
  // the second and third suffer from the same failures: a single sample decides which comes first
  expect(top(there).sort()).toEqual(top(here).sort())
}, 180_000)
