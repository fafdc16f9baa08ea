import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'
import { lokiLogs } from '../../agents/tools/loki/loki.ts'
import { loki, type Loki } from '../servers/loki.ts'

const NOW = Math.floor(Date.now() / 1000) * 1000
const context = { signal: new AbortController().signal }
const range = { start: NOW - 300_000, end: NOW + 1 }
const baseline = { start: NOW - 900_000, end: NOW - 300_000 }

describe('log lines from Loki', () => {
  let server: Loki
  beforeAll(async () => {
    server = await loki()
    await server.push([
      {
        labels: { service: 'cart', namespace: 'shop' },
        lines: [
          ...Array.from({ length: 60 }, (_, index) => ({
            ms: NOW - 900_000 + index * 10_000,
            line: JSON.stringify({ level: 'info', message: `added item ${index} to cart`, trace_id: `t${index}` }),
          })),
          ...Array.from({ length: 30 }, (_, index) => ({
            ms: NOW - 290_000 + index * 1000,
            line: JSON.stringify({ level: 'error', msg: `price service: connection refused after ${index} ms` }),
          })),
        ],
      },
      { labels: { app: 'twice', namespace: 'blue' }, lines: [{ ms: NOW - 1000, line: 'from blue' }] },
      { labels: { app: 'twice', namespace: 'green' }, lines: [{ ms: NOW - 1000, line: 'from green' }] },
      { labels: { job: 'shop/promtailed' }, lines: [{ ms: NOW - 1000, line: 'level=warn msg="slow" trace_id=abc1' }] },
      { labels: { pod: 'ads-7d9f8b6c5d-x2x4z' }, lines: [{ ms: NOW - 1000, line: '{"log":"{\\"level\\":50,\\"msg\\":\\"boom\\"}\\n","stream":"stderr"}' }] }, // prettier-ignore
      { labels: { app: 'plain' }, lines: [{ ms: NOW - 1000, line: 'WARN disk almost full: no space left on device' }] },
      // 40 lines per timestamp, 300 timestamps: pages end within a timestamp
      {
        labels: { service: 'busy' },
        lines: Array.from({ length: 12_000 }, (_, index) => ({
          ms: NOW - 200_000 + Math.floor(index / 40) * 100,
          line: `line ${index}`,
        })),
      },
    ])
  }, 600_000)

  const tool = (options: Partial<Parameters<typeof lokiLogs>[0]> = {}) =>
    lokiLogs({
      http: createHttp({ baseUrl: server.url, timeoutMs: 60_000, credentials: { tenant: server.tenant } }),
      ...options,
    })

  it('finds the label that holds the service, and reads structured lines', async () => {
    const result = await tool().logs({ service: 'cart', range, baseline }, context)
    expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
    expect(result.data?.levels).toEqual({ info: 60, error: 30 })
    expect(result.data?.lines[0]).toMatchObject({
      service: 'cart',
      level: 'info',
      message: 'added item 0 to cart',
      traceId: 't0',
    })
    expect(result.query).toMatch(/^\{service(_name)?="cart"\}$/)
  })

  it('shows new templates, and critical patterns of any service', async () => {
    const result = await tool().logs({ service: 'cart', range, baseline }, context)
    const fresh = result.data!.templates.filter((template) => template.isNew)
    expect(fresh.map((template) => template.during)).toEqual([30])
    expect(result.data?.critical).toMatchObject([{ kind: 'connection', count: 30 }])
  })

  it('filters by level and by text', async () => {
    const errors = await tool().logs(
      { service: 'cart', range: { start: baseline.start, end: range.end }, level: 'ERROR' },
      context,
    )
    expect(errors.data?.lines).toHaveLength(30)
    // older than the newest three, but still found
    const infos = await tool().logs(
      { service: 'cart', range: { start: baseline.start, end: range.end }, level: 'info', limit: 3 },
      context,
    )
    expect(infos.data?.lines.map((line) => line.traceId)).toEqual(['t57', 't58', 't59'])
    const some = await tool().logs(
      { service: 'cart', range: { start: baseline.start, end: range.end }, pattern: 'item 5 ' },
      context,
    )
    expect(some.data?.lines).toHaveLength(1)
  })

  it('reads page by page, each line once, though pages end within a timestamp', async () => {
    const result = await tool().logs({ service: 'busy', range, limit: 12_000 }, context)
    const lines = result.data!.lines.map((line) => line.message)
    expect(lines).toHaveLength(12_000)
    expect(new Set(lines).size).toBe(12_000)
  })

  it('samples a flood across the time range if there is a baseline', async () => {
    const flood = { start: NOW - 200_000, end: NOW - 170_000 }
    const { data, warnings } = await tool().logs({ service: 'busy', range: flood, baseline }, context)
    expect(data?.lines).toHaveLength(5000)
    expect(warnings.join()).toContain('more than 5000 lines')
    const times = data!.lines.map(({ timestamp }) => timestamp)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeLessThan(flood.start + 3000)
    expect(times.at(-1)).toBeGreaterThan(flood.end - 500)
  })

  it('warns if it read only the newest lines', async () => {
    const result = await tool().logs({ service: 'busy', range, limit: 100 }, context)
    expect(result.data?.lines).toHaveLength(100)
    expect(result.data?.lines.at(-1)?.timestamp).toBeGreaterThan(NOW - 175_000)
    expect(result.warnings).toEqual(['only the newest 100 lines were read'])
  })

  it('reads the level of a plain line from its words', async () => {
    const result = await tool().logs({ service: 'plain', range }, context)
    expect(result.data).toMatchObject({ levels: { warn: 1 }, critical: [{ kind: 'disk', count: 1 }] })
  })

  it('is filtered by a namespace the streams have', async () => {
    const lines = async (namespace: string) =>
      (await tool().logs({ service: 'twice', namespace, range }, context)).data?.lines.map((line) => line.message)
    expect(await lines('blue')).toEqual(['from blue'])
    expect(await tool().logs({ service: 'twice', namespace: 'red', range }, context)).toMatchObject({
      status: 'no_data',
      summary: 'the log of twice is not in namespace red, but in blue, green',
    })
  })

  it('finds a service by its job or pods, and unwraps its lines', async () => {
    const promtailed = await tool().logs({ service: 'promtailed', range }, context)
    expect(promtailed.data?.lines).toMatchObject([{ level: 'warn', traceId: 'abc1' }])
    const wrapped = await tool().logs({ service: 'ads', range }, context)
    expect(wrapped.data?.lines).toMatchObject([{ level: 'error', message: 'boom', instance: 'ads-7d9f8b6c5d-x2x4z' }])
  })

  it('marks no template as new if there are no earlier lines', async () => {
    const result = await tool().logs({ service: 'plain', range, baseline }, context)
    expect(result.data?.templates).toMatchObject([{ during: 1, isNew: false }])
  })

  it('uses smaller pages if the server requires them', async () => {
    const asked: number[] = []
    const strict = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '', server.url)
      const limit = Number(searchParams.get('limit'))
      if (pathname.endsWith('query_range')) asked.push(limit)
      if (limit > 1000)
        return void response
          .writeHead(400)
          .end(`max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > 1000)\n`)
      const { method = 'GET' } = request
      const headers = { 'x-scope-orgid': server.tenant, 'content-type': request.headers['content-type'] ?? '' }
      text(request)
        .then((body) =>
          fetch(`${server.url}${request.url}`, { method, headers, ...(method === 'POST' ? { body } : {}) }),
        )
        .then(async (answer) => response.writeHead(answer.status).end(await answer.text()))
        .catch((error: unknown) => response.writeHead(502).end(String(error)))
    }).listen(0, '127.0.0.1')
    await once(strict, 'listening')
    try {
      const baseUrl = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`
      const http = createHttp({ baseUrl, timeoutMs: 60_000, credentials: { tenant: server.tenant } })
      const result = await lokiLogs({ http }).logs({ service: 'busy', range, limit: 3000 }, context)
      expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
      expect(new Set(result.data?.lines.map((line) => line.message)).size).toBe(3000)
      expect(asked.filter((limit) => limit > 1000)).toHaveLength(1)
    } finally {
      strict.close()
      strict.closeAllConnections()
    }
  })

  it('links to Grafana', async () => {
    const { link } = await tool({ externalUrl: 'https://grafana.example/', datasource: 'loki-1' }).logs(
      { service: 'plain', range },
      context,
    )
    const panes = JSON.parse(new URL(link ?? '').searchParams.get('panes') ?? '') as { logs: object }
    expect(panes.logs).toMatchObject({
      datasource: 'loki-1',
      queries: [{ expr: expect.stringContaining('="plain"}') as string }],
    })
    expect((await tool().logs({ service: 'plain', range }, context)).link).toBeNull()
  })

  it('has no data for an unknown service, and cannot see another tenant', async () => {
    expect(await tool().logs({ service: 'nobody', range }, context)).toMatchObject({ status: 'no_data' })
    const other = lokiLogs({
      http: createHttp({ baseUrl: server.url, timeoutMs: 60_000, credentials: { tenant: 'somebody-else' } }),
    })
    expect(await other.logs({ service: 'cart', range }, context)).toMatchObject({ status: 'no_data' })
  })

  it("reports the server's error", async () => {
    const none = lokiLogs({ http: createHttp({ baseUrl: server.url, timeoutMs: 60_000 }) })
    const result = await none.logs({ service: 'cart', range }, context)
    expect(result.status).toBe('failed')
    expect(result.status === 'failed' ? result.error : '').toContain('no org id')
  })
})
