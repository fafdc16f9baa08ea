/** The expected range of chosen series as metrics: a real Prometheus scrapes the agent, and the dashboard's queries find it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { choiceOf } from '../../agents/anomaly/chosen.ts'
import { preparePostgresBus } from '../../bus/create.ts'
import { contract } from '../bus/bench.ts'
import { serve } from '../cli/serve.ts'
import { freePort } from '../servers/free-port.ts'
import { createDatabase } from '../servers/postgres.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { requests } from '../tools/measured-service.ts'

/** Steady until long after the test. */
function metrics(): string {
  const now = Math.floor(Date.now() / 1000)
  const times = { start: now - 45 * 60, end: now + 30 * 60 }
  return openMetrics(
    ['checkout', 'mail'].flatMap((service) => [
      ...requests({
        ...{ counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket', labels: { service } },
        ...{ good: { code: '200' }, failed: { code: '500' }, ...times, faultAt: times.end + 60 },
      }),
    ]),
  )
}

interface Dashboard {
  uid: string
  id: null
  panels: { targets: { expr: string; datasource: { uid: string } }[] }[]
}

const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/grafana/dashboards/watched-series.json'), 'utf8')) as Dashboard // prettier-ignore

it('shows value and range of the chosen series alone, and every query of the dashboard finds its part', async () => {
  const [measured, port, database] = [await startPrometheus({ openMetrics: metrics() }), await freePort(), await createDatabase('bands')] // prettier-ignore
  const scraping = await startPrometheus({
    config: `global: { scrape_interval: 1s }
scrape_configs: [{ job_name: anomaly, static_configs: [{ targets: ['127.0.0.1:${port}'] }] }]`,
  })
  onTestFinished(async () => {
    await Promise.all([measured.stop(), scraping.stop()])
    await database.drop()
  })
  await preparePostgresBus(database.url, contract)
  const agent = await serve('anomaly', {
    ...{ DATABASE_URL: database.url, PROMETHEUS_URL: measured.url, HEALTH_PORT: String(port) },
    ANOMALY_BANDS: 'checkout/latency_p95,nobody',
  })
  const asked = async (expr: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> => {
    const response = await fetch(`${scraping.url}/api/v1/query?${new URLSearchParams({ query: expr })}`)
    return ((await response.json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } }).data.result // prettier-ignore
  }
  await expect.poll(() => asked('sre_anomaly_band_value'), { timeout: 120_000, interval: 500 }).toHaveLength(1)
  const [value, lower, upper, expected] = (await Promise.all(['value', 'lower', 'upper', 'expected'].map((name) => asked(`sre_anomaly_band_${name}`)))).map(([one]) => one) // prettier-ignore
  expect(value!.metric).toMatchObject({ tenant: 'default', service: 'checkout', indicator: 'latency_p95', unit: 'ms' })
  const numbers = [lower, expected, upper].map((one) => Number(one!.value[1]))
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  expect(Number(value!.value[1])).toBeGreaterThan(0)

  expect([dashboard.uid, dashboard.id]).toEqual(['sre-watched-series', null])
  const targets = dashboard.panels.flatMap((panel) => panel.targets)
  expect(new Set(targets.map(({ datasource }) => datasource.uid))).toEqual(new Set(['${datasource}']))
  for (const { expr } of targets) {
    const query = expr.replaceAll('$service', 'checkout').replaceAll('$indicator', 'latency_p95')
    await expect.poll(() => asked(query), { timeout: 60_000, message: query }).not.toEqual([])
  }
  expect(Number((await asked('sre_anomaly_shards'))[0]!.value[1])).toBe(12)
  expect(await agent.stop()).toBe(0)
}, 500_000)

it('chooses by service and indicator', () => {
  const [cart, mail] = [{ service: 'cart', indicator: 'latency_p95', unit: 'ms' }, { service: 'mail', indicator: 'cpu' }] // prettier-ignore
  const chosen = (entry: string) => [cart, mail].map((one) => choiceOf(entry)?.(one))
  expect(chosen('cart')).toEqual([true, false])
  expect(chosen('*/cpu')).toEqual([false, true])
  expect(chosen('cart/cpu')).toEqual([false, false])
  expect(['', '/cpu', 'cart/', 'a/b/c'].map(choiceOf)).toEqual([null, null, null, null])
})
