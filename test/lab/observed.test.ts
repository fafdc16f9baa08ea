import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { startLab, type Lab } from '../../lab/lab.ts'
import { pushLines, pushLogsToLoki } from '../../lab/loki.ts'
import { badDeployment } from '../../lab/scenario.ts'
import { loki } from '../servers/loki.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { until } from './until.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'lab-observed-'))
let lab: Lab
const discovery = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(lab.scrapeTargets()))
})

beforeAll(async () => {
  lab = await startLab({ dataDir })
  discovery.listen(0, '127.0.0.1')
  await once(discovery, 'listening')
}, 180_000)

afterAll(async () => {
  discovery.close()
  await lab.close()
  rmSync(dataDir, { recursive: true })
})

const vector = z.object({ data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }) })

test('a real Prometheus scrapes the shop through a deployment and sees what the recording sees', async () => {
  const { port } = discovery.address() as AddressInfo
  const prometheus = await startPrometheus({
    config: `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: shop
    http_sd_configs: [{ url: 'http://127.0.0.1:${port}/', refresh_interval: 1s }]`,
  })
  const ask = async (query: string) => {
    const response = await fetch(`${prometheus.url}/api/v1/query?${new URLSearchParams({ query })}`)
    return Number(vector.parse(await response.json()).data.result[0]?.value[1])
  }
  const selector = '{job="cart"}[10s]'
  const p95 = () =>
    ask(`1000 * histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket${selector})))`)
  const failed = () =>
    ask(
      `sum(rate(http_requests_total{job="cart",status_code=~"5.."}[10s])) / sum(rate(http_requests_total${selector}))`,
    )
  await until(async () => (await p95()) < 300, 120_000)
  await lab.deploy(badDeployment.service, badDeployment.imageTag)
  await until(async () => (await p95()) > 500 && (await failed()) > 0.1, 120_000)
  await lab.rollback(badDeployment.service)
  await until(async () => (await p95()) < 300, 120_000)
  await prometheus.stop()
}, 480_000)

test('a real Loki gets every line the shop writes', async () => {
  const { url, tenant } = await loki()
  const written: string[] = []
  const leave = lab.onLog(({ message }) => written.push(message))
  const shipper = pushLogsToLoki(lab, { url, tenant, everyMs: 200 })
  const start = Date.now()
  await until(() => written.length > 20, 60_000)
  leave()
  const expected = written.length
  await shipper.close()
  expect(shipper.failure()).toBeNull()
  const found = async () => {
    const range = { start: `${start - 10_000}000000`, end: `${Date.now() + 10_000}000000`, limit: '1000' }
    const query = new URLSearchParams({ query: '{namespace="shop"}', ...range })
    const response = await fetch(`${url}/loki/api/v1/query_range?${query}`, { headers: { 'x-scope-orgid': tenant } })
    const streams = z.object({ data: z.object({ result: z.array(z.object({ values: z.array(z.unknown()) })) }) })
    return streams.parse(await response.json()).data.result.flatMap(({ values }) => values).length
  }
  await until(async () => (await found()) >= expected)
}, 180_000)

test("Loki's errors are reported in full", async () => {
  const { url, tenant } = await loki()
  const early = { timestamp: Date.now() + 86_400_000, service: 'cart', message: 'from tomorrow' }
  await expect(pushLines({ url, tenant }, [early])).rejects.toThrow(/Loki answered 400: .*too new/s)
})
