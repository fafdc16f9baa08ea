import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { openMetrics, startPrometheus } from '../servers/prometheus.ts'
import { type Between, between } from './between.ts'
import { END, FAULT, requests } from './measured-service.ts'
import { shapes } from './metric-shapes.ts'

const range = { start: FAULT * 1000 + 90_000, end: END * 1000 }

describe('a Prometheus that answers only in part', () => {
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>
  let standing: Between
  beforeAll(async () => {
    prometheus = await startPrometheus({ openMetrics: openMetrics([...requests(shapes['http-requests']!)]) })
    standing = await between(prometheus.url)
  }, 300_000)
  afterAll(async () => {
    await standing?.close()
    await prometheus?.stop()
  })
  beforeEach(() => (standing.meddle = () => null))

  const signals = () => {
    const http = createHttp({ baseUrl: standing.url, timeoutMs: 60_000, retries: 0 })
    return prometheusMetrics({ http }).goldenSignals(
      { service: 'cart', range },
      { signal: new AbortController().signal },
    )
  }
  const refuse = (what: string) => (path: string, form: URLSearchParams) =>
    path.endsWith('query_range') && form.get('query')?.includes(what)
      ? { status: 503, body: 'the store gateway is away' }
      : null

  it("is incomplete if some queries fail, and names each with the server's error", async () => {
    standing.meddle = refuse('histogram_quantile')
    const { status, incomplete, warnings, data } = await signals()
    expect({ status, incomplete }).toEqual({ status: 'ok', incomplete: true })
    expect(data?.series.map(({ indicator }) => indicator)).toContain('request_rate')
    for (const indicator of ['latency_p50', 'latency_p95', 'latency_p99'])
      expect(warnings.some((one) => one.startsWith(`${indicator} of cart could not be queried: 503`))).toBe(true)
    expect(warnings.join()).toContain('the store gateway is away')
  })

  it('is complete when every query was answered', async () => {
    expect(await signals()).toMatchObject({ status: 'ok', incomplete: false, warnings: [] })
  })

  it('has failed, instead of no data, if some queries fail and the others find nothing', async () => {
    standing.meddle = (path, form, body) =>
      refuse('histogram_quantile')(path, form) ??
      (path.endsWith('query_range') ? { body: JSON.stringify({ data: { result: [] } }) } : { body })
    const result = await signals()
    expect(result.status).toBe('failed')
    expect(result.status === 'failed' ? result.error : '').toContain('the store gateway is away')
  })

  it('is incomplete if the time runs out between its queries', async () => {
    const spent = new AbortController()
    // one at a time: the first query succeeds, later ones are too late
    standing.meddle = (path, form) => {
      if (path.endsWith('query_range') && form.get('query')?.includes('histogram_quantile(0.95'))
        spent.abort(new Error('the active time of this run is used up'))
      return null
    }
    const http = createHttp({ baseUrl: standing.url, timeoutMs: 60_000, concurrency: 1 })
    const result = await prometheusMetrics({ http }).goldenSignals({ service: 'cart', range }, { signal: spent.signal })
    expect(result).toMatchObject({ status: 'ok', incomplete: true })
    expect(result.data?.series.map(({ indicator }) => indicator)).toEqual(['latency_p50'])
    expect(result.warnings.join()).toContain('the active time of this run is used up')
  })

  it.each([
    ['the names of metrics', '/api/v1/label/__name__/values'],
    ['its series', '/api/v1/series'],
  ])("passes on the server's warnings for %s, even if nothing was found", async (_what, asked) => {
    standing.meddle = (path) =>
      path === asked
        ? { body: JSON.stringify({ status: 'success', data: [], warnings: ['store eu-1 did not answer'] }) }
        : null
    expect(await signals()).toMatchObject({ status: 'no_data', warnings: ['store eu-1 did not answer'] })
  })
})
