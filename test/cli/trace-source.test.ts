import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readConfig } from '../../cli/config.ts'
import { tracesFrom } from '../../cli/serve/sources.ts'
import { serve } from '../tools/served.ts'

const context = { signal: new AbortController().signal }
const range = { start: Date.parse('2026-03-01T12:00:00Z'), end: Date.parse('2026-03-01T12:10:00Z') }

describe('the configured trace source', () => {
  it('is absent without TRACES_URL, and needs TRACES_KIND', () => {
    expect(tracesFrom(readConfig({}))).toBeNull()
    expect(() => readConfig({ TRACES_URL: 'http://zipkin:9411' })).toThrow('TRACES_KIND: required together with TRACES_URL') // prettier-ignore
    expect(() => readConfig({ TRACES_URL: 'http://one', TRACES_KIND: 'skywalking' })).toThrow('TRACES_KIND')
  })

  it.for([
    ['zipkin', '/traces/api/v2/services', '["cart-service"]', 'https://pages.example/zipkin/?serviceName=cart-service'],
    [
      'jaeger',
      '/traces/api/services',
      '{"data":["cart-service"]}',
      'https://pages.example/search?service=cart-service',
    ],
    ['tempo', '/traces/api/search', '{"traces":[]}', 'https://grafana.example/explore?'],
  ] as const)('asks %s by its own API, with the configured credentials and names', async ([kind, path, body, link]) => {
    const server = await serve(({ pathname }) => ({ body: pathname === path ? body : kind === 'zipkin' ? '[]' : '{}' }))
    onTestFinished(() => server.close())
    const mapping = join(mkdtempSync(join(tmpdir(), 'sre-sources-')), 'mapping.yaml')
    writeFileSync(mapping, 'names: { cart: cart-service }\n')
    const tool = tracesFrom(
      readConfig({
        TRACES_URL: `${server.url}/traces`,
        TRACES_KIND: kind,
        TRACES_TOKEN: 'tok',
        TRACES_TENANT: 'shop',
        TRACES_EXTERNAL_URL: 'https://pages.example',
        GRAFANA_URL: 'https://grafana.example',
        METRICS_MAPPING_FILE: mapping,
      }),
    )
    const result = await tool!.traces({ services: ['cart'], range }, context)
    expect(result).toMatchObject({ tool: kind, status: 'no_data', summary: 'no traces in this time range' })
    expect(result.query).toContain('cart-service')
    expect(result.link?.startsWith(link)).toBe(true)
    expect(server.asked[0]?.url.pathname).toBe(path)
    expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer tok', 'x-scope-orgid': 'shop' })
  })
})
