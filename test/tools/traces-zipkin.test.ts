import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { placeSpans } from '../../analysis/traces/tree.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { zipkin as protocol } from '../../agents/tools/traces/zipkin.ts'
import { zipkin, type Zipkin, type ZipkinSpan } from '../servers/zipkin.ts'

const NOW = Math.floor(Date.now() / 1000) * 1000
const context = { signal: new AbortController().signal }
const range = { start: NOW - 300_000, end: NOW }
const baseline = { start: NOW - 1_200_000, end: NOW - 900_000 }
const id = (bytes: number) => randomBytes(bytes).toString('hex')
/** Tests share one server, so names are unique. */
const own = id(4)
const [front, cart, price, busy] = [`front-${own}`, `cart-${own}`, `price-${own}`, `busy-${own}`]

/** front → cart → price, where cart and price report their side of a call under the caller's span id. */
function purchase(startMs: number, error?: string): ZipkinSpan[] {
  const traceId = id(16)
  const [root, toCart, toPrice] = [id(8), id(8), id(8)]
  const at = (ms: number, lasting: number) => ({ timestamp: (startMs + ms) * 1000, duration: lasting * 1000 })
  const tags = error === undefined ? {} : { tags: { error, 'http.status_code': '500', 'http.url': 'x'.repeat(5000) } }
  return [
    { traceId, id: root, name: 'buy', kind: 'SERVER', ...at(0, 100), localEndpoint: { serviceName: front } },
    { traceId, id: toCart, parentId: root, name: 'get /cart', kind: 'CLIENT', ...at(10, 80), localEndpoint: { serviceName: front }, remoteEndpoint: { serviceName: cart } },
    { traceId, id: toCart, parentId: root, name: 'get /cart', kind: 'SERVER', shared: true, ...at(15, 70), localEndpoint: { serviceName: cart } },
    { traceId, id: toPrice, parentId: toCart, name: 'get /price', kind: 'CLIENT', ...at(20, 60.5), localEndpoint: { serviceName: cart } },
    { traceId, id: toPrice, parentId: toCart, name: 'get /price', kind: 'SERVER', shared: true, ...at(25, 50), localEndpoint: { serviceName: price }, ...tags },
  ] // prettier-ignore
}

describe('traces from Zipkin', () => {
  let server: Zipkin
  beforeAll(async () => {
    server = await zipkin()
    await server.push([
      ...purchase(NOW - 200_000, 'out of prices'),
      ...purchase(NOW - 100_000),
      ...purchase(NOW - 1_000_000),
      // in neither the range nor the baseline
      ...purchase(NOW - 600_000),
      ...purchase(NOW + 60_000),
      ...Array.from({ length: 1200 }, (_, index): ZipkinSpan => ({
        traceId: id(16),
        id: id(8),
        name: 'tick',
        timestamp: (range.start + index * 250) * 1000,
        duration: 3000,
        localEndpoint: { serviceName: busy },
      })),
      // started but never ended
      { traceId: id(16), id: id(8), name: 'hang', timestamp: (NOW - 1000) * 1000, localEndpoint: { serviceName: `hanging-${own}` } }, // prettier-ignore
    ])
  }, 300_000)

  const tool = (options: Partial<Parameters<typeof createHttp>[0]> = {}, names = {}) =>
    liveTraces({
      source: protocol(createHttp({ baseUrl: server.url, timeoutMs: 60_000, ...options })),
      names,
    })

  it('reads complete traces of the range, whichever of their services was requested', async () => {
    const result = await tool().traces({ services: [price], range }, context)
    expect(result.status, result.status === 'failed' ? result.error : '').toBe('ok')
    expect(result.data?.traces).toBe(2)
    expect(result.data?.spans).toHaveLength(10)
    expect(new Set(result.data?.spans.map(({ service }) => service))).toEqual(new Set([front, cart, price]))
    expect(result.query).toContain(`/api/v2/traces?serviceName=${price}`)
    expect(result.warnings).toEqual([])
    const compared = await tool().traces({ services: [price], range, baseline }, context)
    expect(compared.data?.traces).toBe(3)
  })

  it("puts the server's side of a call below the client's, with times in ms", async () => {
    const { data } = await tool().traces({ services: [cart], range }, context)
    const failing = data!.spans.filter(({ start }) => start < NOW - 150_000)
    const placed = new Map(placeSpans(failing).map((one) => [`${one.span.service} ${one.span.attributes?.['span.kind']}`, one])) // prettier-ignore
    expect(placed.get(`${cart} server`)?.parent).toMatchObject({ service: front, start: NOW - 199_990 })
    expect(placed.get(`${cart} client`)?.parent).toBe(placed.get(`${cart} server`)?.span)
    expect(placed.get(`${price} server`)?.parent).toBe(placed.get(`${cart} client`)?.span)
    expect(placed.get(`${cart} client`)?.duration).toBe(60.5)
    expect(placed.get(`${cart} client`)?.self).toBe(10.5)
    expect(placed.get(`${front} client`)?.span.attributes).toEqual({ 'span.kind': 'client', 'peer.service': cart })
    expect([...placed.values()].filter(({ orphan }) => orphan)).toEqual([])
  })

  it('shows where an error began, and keeps the useful tags', async () => {
    const { data } = await tool().traces({ services: [cart], range }, context)
    const failed = placeSpans(data!.spans).filter((one) => one.errorOrigin)
    expect(failed.map(({ span }) => span)).toMatchObject([{ service: price, status: 'error' }])
    expect(failed[0]?.span.attributes).toEqual({
      'span.kind': 'server',
      error: 'out of prices',
      'http.status_code': '500',
    })
  })

  it('samples the whole range over the limit, and says so', async () => {
    const { data, warnings } = await tool().traces({ services: [busy], range, limit: 100 }, context)
    // the server assigns a trace on a boundary to both tenths
    expect(data!.traces).toBeGreaterThanOrEqual(90)
    expect(data!.traces).toBeLessThanOrEqual(100)
    expect(new Set(data?.spans.map(({ traceId }) => traceId)).size).toBe(data?.traces)
    const tenths = Map.groupBy(data!.spans, ({ start }) => Math.floor((start - range.start) / 30_000))
    expect(tenths.size).toBe(10)
    for (const { length } of tenths.values()) expect([9, 10, 11]).toContain(length)
    expect(warnings.join()).toContain(`there may be more traces: ${data?.traces} were sampled`)
  })

  it('asks for less if a response would be too large', async () => {
    const { data, warnings } = await tool({ maxBytes: 4000 }).traces({ services: [busy], range, limit: 500 }, context)
    expect(data!.traces).toBeGreaterThan(10)
    expect(data!.traces).toBeLessThan(200)
    expect(warnings.join()).toContain('there may be more traces')
  })

  it('counts a trace once that passes through several of the services', async () => {
    const { data } = await tool().traces({ services: [front, cart, price, 'never-heard-of'], range }, context)
    expect(data?.traces).toBe(2)
  })

  it('queries any service if none is named', async () => {
    const { data } = await tool().traces({ range: { start: NOW - 201_000, end: NOW - 199_000 } }, context)
    expect(data?.spans.map(({ service }) => service)).toEqual(expect.arrayContaining([front, busy]))
  })

  it('maps services back to the requested names', async () => {
    const shouted = price.toUpperCase()
    const { data } = await tool({}, { basket: cart }).traces({ services: ['basket', shouted], range }, context)
    expect(new Set(data?.spans.map(({ service }) => service))).toEqual(new Set([front, 'basket', shouted]))
  })

  it('reports no data, and which services are unknown', async () => {
    const unknown = await tool().traces({ services: ['never-heard-of'], range }, context)
    expect(unknown).toMatchObject({ status: 'no_data', summary: 'zipkin knows none of the services' })
    const quiet = await tool().traces({ services: [price], range: { start: NOW - 90_000, end: NOW } }, context)
    expect(quiet).toMatchObject({ status: 'no_data', summary: 'no traces in this time range' })
    const hanging = await tool().traces({ services: [`hanging-${own}`], range }, context)
    expect(hanging.status).toBe('no_data')
  })

  it("links to Zipkin's page for the same service and time", async () => {
    const { link } = await tool().traces({ services: [price], range }, context)
    const url = new URL(link ?? '')
    expect(url.href.startsWith(`${server.url}/zipkin/?`)).toBe(true)
    expect(Object.fromEntries(url.searchParams)).toEqual({
      serviceName: price,
      lookback: 'range',
      startTs: String(range.start),
      endTs: String(range.end),
    })
    expect((await fetch(url)).ok).toBe(true)
  })

  it("fails with the server's error", async () => {
    const refused = await tool().traces({ range: { start: range.end, end: range.start } }, context)
    expect(refused).toMatchObject({ status: 'failed', data: null })
    const gone = await tool({ baseUrl: 'http://127.0.0.1:9', retries: 0 }).traces({ services: [price], range }, context)
    expect(gone.status === 'failed' && gone.error).toContain('http://127.0.0.1:9 is unreachable')
  })
})
