/** Spans with every field missing that the protocols allow to be missing. */
import { describe, expect, it } from 'vitest'
import { resourceSpans, spansOf as ofOtlp } from '../../agents/tools/traces/otlp.ts'
import { spansOf as ofZipkin } from '../../agents/tools/traces/zipkin.ts'

const at = (ms: number) => (1_760_000_000_000 + ms) * 1000
const nanos = (ms: number) => `${at(ms)}000`

describe('spans of Zipkin', () => {
  it('without a name or service are called unknown, and one that is its own parent has none', () => {
    const { spans } = ofZipkin([{ traceId: 't', id: 'a', parentId: 'a', timestamp: at(0), duration: 5000 }])
    expect(spans).toEqual([
      {
        ...{ traceId: 't', spanId: 'a', service: 'unknown', name: 'unknown' },
        ...{ start: 1_760_000_000_000, end: 1_760_000_000_005 },
      },
    ])
  })

  it('that never ended or began are counted and left out', () => {
    const hanging = { traceId: 't', id: 'a', timestamp: at(0) }
    const unbegun = { traceId: 't', id: 'b', duration: 7 }
    expect(ofZipkin([hanging, unbegun])).toEqual({ spans: [], untimed: 2 })
  })

  it('reported in pieces become one, with the longest duration and all tags', () => {
    const piece = { traceId: 't', id: 'a', kind: 'SERVER' as const, localEndpoint: { serviceName: 'cart' } }
    const { spans, untimed } = ofZipkin([
      { ...piece, timestamp: at(0), duration: 2000, tags: { early: 'yes' } },
      { ...piece, name: 'get', duration: 9000, tags: { late: 'yes', error: 'false' } },
      { ...piece, name: 'never mind' },
    ])
    expect(untimed).toBe(0)
    expect(spans).toMatchObject([{ service: 'cart', name: 'get', end: 1_760_000_000_009 }])
    expect(spans[0]?.status).toBeUndefined()
  })
})

describe('spans of OTLP', () => {
  const span = {
    traceId: 'AB'.repeat(16),
    spanId: 'CD'.repeat(8),
    startTimeUnixNano: nanos(0),
    endTimeUnixNano: nanos(4),
  }
  const of = (resource: object) => ofOtlp(resourceSpans.parse([resource]))

  it('are read from the fields of OTLP before 1.0', () => {
    const old = { instrumentationLibrarySpans: [{ spans: [{ ...span, name: 'get' }] }] }
    expect(of(old)).toMatchObject([{ traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8), name: 'get' }])
  })

  it('are none if a resource or scope has none', () => {
    expect(of({})).toEqual([])
    expect(of({ scopeSpans: [{}] })).toEqual([])
  })

  it('without a name or a service are called unknown', () => {
    const nameless = { resource: { attributes: [{ key: 'service.name', value: { stringValue: '' } }] } }
    expect(of({ ...nameless, scopeSpans: [{ spans: [span] }] })).toMatchObject([
      { service: 'unknown', name: 'unknown' },
    ])
    expect(of({ scopeSpans: [{ spans: [{ ...span, attributes: [{ key: 'empty' }] }] }] })).toMatchObject([
      { service: 'unknown' },
    ])
  })

  it.each([
    [2, 'error'],
    ['STATUS_CODE_ERROR', 'error'],
    [1, 'ok'],
    ['STATUS_CODE_OK', 'ok'],
    ['STATUS_CODE_UNSET', undefined],
    [null, undefined],
  ])('with the status %s are %s', (code, status) => {
    expect(of({ scopeSpans: [{ spans: [{ ...span, status: { code } }] }] })[0]?.status).toBe(status)
  })

  it.each([
    [2, 'server'],
    ['SPAN_KIND_CLIENT', 'client'],
    [99, undefined],
    ['SPAN_KIND_STRANGE', undefined],
    [undefined, undefined],
  ])('of kind %s become %s', (kind, told) => {
    expect(of({ scopeSpans: [{ spans: [{ ...span, kind }] }] })[0]?.attributes?.['span.kind']).toBe(told)
  })

  it('with an all-zero parent have none', () => {
    const root = { ...span, parentSpanId: '0000000000000000' }
    expect(of({ scopeSpans: [{ spans: [root] }] })[0]).not.toHaveProperty('parentSpanId')
  })
})
