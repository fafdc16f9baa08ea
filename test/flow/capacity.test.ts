/** Capacity over HTTP and the bus, with real history in a real Prometheus. */
import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Runtime } from '../../agents/runtime/runtime.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { prepareAgents, startAgents } from '../../embedded/agents.ts'
import type { CapacityAnalysisResponse } from '../../gateway/api.generated.ts'
import { type Platform, startPlatform } from '../gateway/platform.ts'
import { openMetrics, type Sample, startPrometheus } from '../servers/prometheus.ts'
import { singleTenant } from '../../tenants/tenants.ts'

const DAYS = 20
const STEP_S = 300
const GIB = 2 ** 30

/** Memory with a limit of 1 GiB: `cart` grows by one percent a day to 60 %, `orders` stays constant. */
function* history(): Iterable<Sample> {
  const end = Math.floor(Date.now() / 1000)
  for (let seconds = end - DAYS * 86_400; seconds <= end; seconds += STEP_S) {
    const daysAgo = (end - seconds) / 86_400
    const strays = Math.sin(seconds) * 0.004
    for (const [container, share] of [
      ['cart', 0.6 - 0.01 * daysAgo + strays],
      ['orders', 0.5 + strays],
    ] as const) {
      const labels = { container, namespace: 'shop', pod: `${container}-7d9f8b6c5-x2x4z` }
      yield { name: 'container_memory_working_set_bytes', labels, seconds, value: Math.max(0, share) * GIB }
      yield { name: 'container_spec_memory_limit_bytes', labels, seconds, value: GIB }
      yield { name: 'container_cpu_usage_seconds_total', labels, seconds, value: seconds / 10 }
    }
  }
}

describe('capacity', () => {
  let platform: Platform
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let runtime: Runtime
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: openMetrics(history()) })
    platform = await startPlatform({ capacityWaitMs: 120_000 })
    await prepareAgents(platform.databaseUrl)
    const source = finishedRecording('test/scenarios/shop-01')
    runtime = await startAgents({
      bus: platform.bus,
      contract: platform.options.contract,
      databaseUrl: platform.databaseUrl,
      log: pino({ level: 'silent' }),
      tenants: singleTenant,
      assistant: {
        toolsFor: () => ({
          tools: {
            metrics: prometheusMetrics({ http: createHttp({ baseUrl: prometheus.url, timeoutMs: 10_000 }) }),
            logs: recordedLogs(source),
            controlPlane: recordedControlPlane(source),
          },
        }),
        approverRoles: ['team_manager'],
        approvalTtlMs: 60_000,
        defaultLimitMs: 60_000,
      },
    })
  })
  afterAll(async () => {
    await runtime?.stop()
    await platform?.close()
    await prometheus?.stop()
  })

  const ask = (body: object, headers: Record<string, string> = {}) =>
    platform.ask('alice', 'POST', '/api/v1/diagnostics/capacity', { body, headers })

  it('forecasts when memory fills up, the soonest first, and cites its history', async () => {
    const answer = await ask({ resource_ids: ['orders', 'cart'], metric_type: 'memory', forecast_days: 60 })
    expect(answer.status).toBe(200)
    const body = answer.body as unknown as CapacityAnalysisResponse
    expect(body).toMatchObject({ resource: 'cart', indicator: 'memory_ratio', unit: 'ratio', missing: [] })
    expect(body.forecast.trend).toBe('increasing')
    expect(Math.abs((body.forecast.days_to_capacity ?? 0) - 40)).toBeLessThan(4)
    expect(body.forecast.days_to_capacity_interval.earliest ?? Infinity).toBeLessThan(
      body.forecast.days_to_capacity ?? 0,
    )
    expect(body.forecast.capacity_alerts).toMatchObject([
      { alert_type: 'usage_80_percent', severity: 'info' },
      { alert_type: 'usage_90_percent', severity: 'warning' },
      { alert_type: 'usage_100_percent', severity: 'critical' },
    ])
    expect(body.recommendations).toMatchObject([{ type: 'scale_up', resource: 'cart', current_allocation: 1 }])
    expect(body.current_usage.peak).toBeCloseTo(0.6, 1)
    expect(body.resources.map(({ resource }) => resource)).toEqual(['cart', 'orders'])
    expect(body.resources[1]?.forecast).toMatchObject({ trend: 'stable', days_to_capacity: null, capacity_alerts: [] })
    const [evidence = ''] = body.evidence
    const opened = await platform.ask('alice', 'GET', `/api/v1/diagnostics/${body.session_id}/evidence/${evidence}`)
    expect(opened).toMatchObject({ status: 200, body: { status: 'ok', tool: 'prometheus' } })
    expect(await platform.ask('alice', 'GET', `/api/v1/diagnostics/${body.session_id}/status`)).toMatchObject({
      status: 200,
      body: { status: 'completed', progress: 100 },
    })
  })

  it('answers in the language asked for', async () => {
    const answer = await ask(
      { resource_ids: ['cart'], metric_type: 'memory', forecast_days: 60 },
      { 'accept-language': 'zh-TW' },
    )
    expect(answer.body['summary']).toContain('天後達到上限')
  })

  it('gives no date without a known limit, and says so', async () => {
    const answer = await ask({ resource_ids: ['cart'], metric_type: 'cpu' })
    expect(answer).toMatchObject({ status: 200, body: { unit: 'cores', forecast: { days_to_capacity: null } } })
    expect(answer.body['summary']).toContain('its limit is unknown')
  })

  it('reports the assessed resources, and names those that could not be assessed', async () => {
    const answer = await ask({ resource_ids: ['cart', 'nobody'], metric_type: 'memory' })
    expect(answer).toMatchObject({ status: 200, body: { resource: 'cart' } })
    expect(String(answer.body['missing'])).toContain('nobody')
  })

  it('responds 404 without history, and 422 to an invalid field', async () => {
    expect(await ask({ resource_ids: ['nobody'], metric_type: 'memory' })).toMatchObject({
      status: 404,
      body: { error: 'RESOURCE_NOT_FOUND', details: [{ field: 'resource_ids' }] },
    })
    expect(await ask({ resource_ids: ['cart'], metric_type: 'hope' })).toMatchObject({ status: 422 })
    expect(await ask({ resource_ids: ['cart'], metric_type: 'cpu', forecast_days: 3 })).toMatchObject({ status: 422 })
    expect(await ask({ resource_ids: [], metric_type: 'cpu' })).toMatchObject({ status: 422 })
  })

  it('returns the same session for the same key', async () => {
    const key = { 'idempotency-key': 'the-same' }
    const body = { resource_ids: ['orders'], metric_type: 'memory' }
    const [first, second] = [await ask(body, key), await ask(body, key)]
    expect(second.body['session_id']).toBe(first.body['session_id'])
    expect(await ask({ ...body, metric_type: 'cpu' }, key)).toMatchObject({ status: 409 })
  })

  it('responds 502 if the metrics source fails', async () => {
    await prometheus.stop()
    expect(await ask({ resource_ids: ['cart'], metric_type: 'memory' })).toMatchObject({
      status: 502,
      body: { error: 'BAD_GATEWAY' },
    })
  })
})
