import { expect, it, onTestFinished, vi } from 'vitest'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import type { AnomalyDetected, DiagnosisRequested } from '../../schemas/events.generated.ts'
import { contract } from '../bus/bench.ts'
import { serve } from '../cli/serve.ts'
import { folder } from '../recording/recording-dir.ts'
import { createDatabase } from '../servers/postgres.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { requests } from '../tools/measured-service.ts'

/** The fault goes on long after the test. */
function metrics(): string {
  const now = Math.floor(Date.now() / 1000)
  const times = { start: now - 45 * 60, end: now + 30 * 60 }
  const measured = (service: string, faultAt: number) => [
    ...requests({
      ...{ counter: 'http_requests_total', buckets: 'http_request_duration_seconds_bucket', labels: { service } },
      ...{ good: { code: '200' }, failed: { code: '500' }, ...times, faultAt },
    }),
  ]
  return openMetrics([...measured('checkout', now - 180), ...measured('mail', times.end + 60)])
}

it('announces a fault that Prometheus measured, asks for its diagnosis, and does neither again after a restart', async () => {
  const prometheus = await startPrometheus({ openMetrics: metrics() })
  const database = await createDatabase('anomaly')
  await preparePostgresBus(database.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const events: (AnomalyDetected | DiagnosisRequested)[] = []
  const consumption = await bus.subscribe({
    ...{ group: 'test', consumer: 'gateway' },
    topics: (['AnomalyDetected', 'DiagnosisRequested'] as const).map((event) => contract.topicOf(event).name),
    handle: async (records) => {
      for (const { value } of records) events.push(value as AnomalyDetected | DiagnosisRequested)
      return []
    },
  })
  const pool = openPool({ connectionString: database.url, max: 1 })
  onTestFinished(async () => {
    await pool.end()
    await consumption.stop()
    await bus.close()
    await database.drop()
    await prometheus.stop()
  })
  const dir = await folder({
    'policy.yaml': 'diagnose: { services: [checkout] }\n',
    'queries.yaml': 'queries: [{ name: wrong, expr: sum(, service: mail }]\n',
  })
  const environment = {
    DATABASE_URL: database.url,
    PROMETHEUS_URL: prometheus.url,
    POLICY_FILE: `${dir}/policy.yaml`,
    ANOMALY_QUERIES_FILE: `${dir}/queries.yaml`,
  }
  const first = await serve('anomaly', environment)
  await vi.waitUntil(() => events.length === 2, { timeout: 120_000 })
  expect(await first.stop()).toBe(0)
  expect(first.said()).toMatch(/"query":"wrong".*parse error.*the query is not answered/)
  // topics are not ordered among each other
  const announced = events.find((one): one is AnomalyDetected => 'phase' in one)!
  const asked = events.find((one) => !('phase' in one))
  expect(announced).toMatchObject({ phase: 'opened', service: 'checkout', severity: 'critical', sequence: 0 })
  expect(announced.series.map(({ indicator }) => indicator)).toContain('latency_p95')
  expect(asked).toMatchObject({ session_id: announced.anomaly_id, service: 'checkout', requested_by: 'sre-platform|anomaly' }) // prettier-ignore

  const stored = async () => {
    const { rows } = await pool.query<{ until: string; events: number }>(
      `SELECT (SELECT min(closed_until) FROM anomaly.watches) AS until, (SELECT count(*)::int FROM anomaly.outbox) AS events`,
    )
    return { until: Number(rows[0]?.until), events: rows[0]?.events }
  }
  const before = await stored()
  const second = await serve('anomaly', environment)
  await vi.waitUntil(async () => (await stored()).until > before.until, { timeout: 180_000, interval: 500 })
  expect(await second.stop()).toBe(0)
  expect([(await stored()).events, events.length]).toEqual([2, 2])
}, 500_000)
