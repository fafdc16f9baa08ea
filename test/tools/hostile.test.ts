import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { liveControlPlane } from '../../agents/tools/control-plane/control-plane.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { answerOf } from '../../agents/tools/log-answer.ts'
import { lokiLogs } from '../../agents/tools/loki/loki.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { bounded } from '../../agents/tools/question.ts'
import { jaeger } from '../../agents/tools/traces/jaeger.ts'
import { tempo } from '../../agents/tools/traces/tempo.ts'
import { liveTraces } from '../../agents/tools/traces/traces.ts'
import { zipkin } from '../../agents/tools/traces/zipkin.ts'
import { serve, type Served } from './served.ts'

const range = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:10:00Z') }
const context = { signal: new AbortController().signal }
const packed = gzipSync(Buffer.alloc(5_000_000, 32))
const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`

const toolsAt = (baseUrl: string, timeoutMs = 60_000) => {
  const http = createHttp({ baseUrl, timeoutMs, retries: 0 })
  const traces = (source: ReturnType<typeof zipkin>) => () =>
    liveTraces({ source }).traces({ services: ['cart'], range }, context)
  return {
    prometheus: () => prometheusMetrics({ http }).goldenSignals({ service: 'cart', range }, context),
    loki: () => lokiLogs({ http }).logs({ service: 'cart', range }, context),
    zipkin: traces(zipkin(http)),
    jaeger: traces(jaeger(http)),
    tempo: traces(tempo(http)),
    'audit logs': () => liveControlPlane(http).auditLogs({ services: ['cart'], range }, context),
    alerts: () => liveControlPlane(http).alerts({ range }, context),
    resources: () => liveControlPlane(http).resources({ service: null }, context),
    incidents: () => liveControlPlane(http).resolvedIncidents({ range }, context),
    incident: () => liveControlPlane(http).incident('1', context),
    deployment: () => liveControlPlane(http).deployment('1', context),
  }
}
const TOOLS = Object.keys(toolsAt('http://127.0.0.1:1')) as (keyof ReturnType<typeof toolsAt>)[]

describe('a hostile source', () => {
  let close: () => void = () => undefined
  afterEach(() => close())
  const answering = async (answer: (response: ServerResponse) => void, timeoutMs = 60_000) => {
    const server = createServer((_request, response) => answer(response)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    close = () => (server.close(), server.closeAllConnections())
    return toolsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs)
  }

  it.each(TOOLS)('is reported by %s: JSON nested a hundred thousand levels deep', async (tool) => {
    for (const body of [deep, `{"data":${deep}}`, `{"items":[{"id":"1","changes":${deep}}]}`]) {
      const tools = await answering((response) => response.end(body))
      const result = await tools[tool]()
      expect(result.status === 'failed' && result.error).toMatch(/nested deeper than 100 levels/)
      close()
    }
  })

  it.each(TOOLS)('is reported by %s: HTML, compressed bytes, an empty body', async (tool) => {
    const answers: ((response: ServerResponse) => void)[] = [
      (response) => response.setHeader('content-type', 'text/html').end('<html>sign in</html>'),
      (response) => response.setHeader('content-encoding', 'gzip').end(packed),
      (response) => response.end(''),
    ]
    const why = [/did not answer with JSON: <html>/, /sent a compressed response \(gzip\)/, /did not answer with JSON/]
    for (const [at, answer] of answers.entries()) {
      const tools = await answering(answer)
      const result = await tools[tool]()
      expect(result.status === 'failed' && result.error).toMatch(why[at]!)
      expect(result.query).not.toBe('')
      close()
    }
  })

  it.each(TOOLS)('is reported by %s: a response that drips without end', async (tool) => {
    const tools = await answering((response) => {
      response.writeHead(200)
      const drip = setInterval(() => response.write('['), 20)
      response.on('close', () => clearInterval(drip))
    }, 300)
    const result = await tools[tool]()
    expect(result.status === 'failed' && result.error).toMatch(/no answer within 300 ms/)
  })

  it.each(TOOLS)('is reported by %s: lists of 200,000 invalid items', async (tool) => {
    const many = `[${'0,'.repeat(200_000)}0]`
    for (const body of [many, `{"data":${many},"traces":${many},"items":${many}}`]) {
      const tools = await answering((response) => response.end(body))
      const result = await tools[tool]()
      expect(result.status).toBe('failed')
      expect(result.status === 'failed' && result.error.length).toBeLessThan(1000)
      close()
    }
  })
})

describe('one question', () => {
  it('is limited in total size, over any number of responses', async () => {
    const served = await serve(() => ({ body: 'x'.repeat(1000) }))
    const http = createHttp({ baseUrl: served.url, timeoutMs: 60_000, retries: 0 })
    const asked = bounded(context, async (own) => {
      for (;;) await http.text({ path: 'a' }, own)
    }, { ms: 60_000, bytes: 4500 }) // prettier-ignore
    await expect(asked).rejects.toThrow(/responses to one question exceed 4500 bytes/)
    expect(served.asked).toHaveLength(5)
    await served.close()
  })

  it('is limited in total time, over any number of responses', async () => {
    const served = await serve(() => ({ body: '1' }))
    const http = createHttp({ baseUrl: served.url, timeoutMs: 60_000, retries: 0 })
    const asked = bounded(context, async (own) => {
      for (;;) await http.text({ path: 'a' }, own)
    }, { ms: 100, bytes: 1e9 }) // prettier-ignore
    await expect(asked).rejects.toThrow(/no complete answer within 0.1 s/)
    await served.close()
  })
})

describe('numbers and names from a source', () => {
  let served: Served
  afterEach(() => served.close())
  const at = (minute: number): number => range.start / 1000 + minute * 60
  const prometheusSaying = async (result: unknown, names = ['http_requests_total']) => {
    served = await serve(({ pathname }) => {
      if (pathname.endsWith('/values')) return { body: { data: names } }
      if (pathname.endsWith('/series'))
        return { body: { data: [{ __name__: names[0], service: 'cart', status: '200' }] } }
      return { body: { data: { result } } }
    })
    return toolsAt(served.url).prometheus()
  }

  it('are sorted and deduplicated samples of the requested time range', async () => {
    const values = [[at(3), '3'], [at(1), '1'], [at(1), '2'], [-5, '9'], [1e300, '9'], [at(2), '']] // prettier-ignore
    const result = await prometheusSaying([{ metric: {}, values }])
    expect(result.status).toBe('ok')
    // the first rates of a new series are dropped
    const ratio = result.data?.series.find(({ indicator }) => indicator === 'error_ratio')
    expect(ratio).toMatchObject({ times: [at(1) * 1000, at(3) * 1000], values: [2, 3] })
    expect(result.warnings.join('\n')).toMatch(/1 samples that are not numbers/)
    expect(result.warnings.join('\n')).toMatch(/2 samples outside the requested time range/)
    expect(result.warnings.join('\n')).toMatch(/samples of .* were sorted/)
  })

  it('are limited to a hundred series, with a warning', async () => {
    const result = await prometheusSaying(Array.from({ length: 100_000 }, (_, n) => ({ metric: { pod: `p${n}` }, values: [[at(1), '1']] }))) // prettier-ignore
    expect(result.status).toBe('ok')
    expect(result.data?.series.length).toBeLessThanOrEqual(100 * 3)
    expect(result.warnings.join('\n')).toMatch(/only 100 of 100000 series .*were read/)
  })

  it('are lines of the requested time range', async () => {
    const ns = (minute: number): string => `${at(minute)}000000000`
    served = await serve(({ pathname }) => {
      if (pathname.endsWith('/series')) return { body: { data: [{ service: 'cart' }] } }
      return { body: { data: { result: [{ stream: { service: 'cart' }, values: [[ns(1), 'in'], [ns(90), 'after'], ['1', 'before']] }] } } } // prettier-ignore
    })
    const result = await toolsAt(served.url).loki()
    expect(result.data?.lines.map(({ message }) => message)).toEqual(['in'])
    expect(result.warnings.join('\n')).toMatch(/lines outside the requested time range/)
  })

  it('are spans near the requested time range', async () => {
    const span = (id: string, timestamp: number) => ({ traceId: 't', id, timestamp, duration: 5, localEndpoint: { serviceName: 'cart' } }) // prettier-ignore
    served = await serve(({ pathname }) =>
      pathname.endsWith('/services') ? { body: ['cart'] } : { body: [[span('a', at(1) * 1e6), span('b', 1e300)]] },
    )
    const result = await toolsAt(served.url).zipkin()
    expect(result.data?.spans.map(({ spanId }) => spanId)).toEqual(['a'])
    expect(result.warnings.join('\n')).toMatch(/1 spans dated days away/)
  })

  it('come with a limited number of warnings', async () => {
    served = await serve(() => ({ body: { data: [], warnings: Array.from({ length: 100_000 }, (_, n) => `${n} ${'w'.repeat(50)}`) } })) // prettier-ignore
    const result = await toolsAt(served.url).prometheus()
    expect(result.status).toBe('no_data')
    expect(result.warnings).toHaveLength(51)
    expect(result.warnings.at(-1)).toBe('… and 99950 more warnings')
  })

  it('may be names of Object.prototype', async () => {
    served = await serve(() => ({ body: { data: [] } }))
    const http = createHttp({ baseUrl: served.url, timeoutMs: 60_000, retries: 0 })
    for (const service of ['constructor', '__proto__', 'toString']) {
      const result = await lokiLogs({ http, names: { a: 'b' } }).logs({ service, range }, context)
      expect(result).toMatchObject({ status: 'no_data', summary: `no label holds ${service}` })
    }
    const line = (level: string) => ({ timestamp: 1, service: 'a', level, message: 'm' })
    const { levels } = answerOf(['constructor', '__proto__', 'info', '__proto__'].map(line))
    expect(Object.entries(levels)).toEqual([['constructor', 1], ['__proto__', 2], ['info', 1]]) // prettier-ignore
  })
})
