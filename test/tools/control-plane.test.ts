import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { controlPlaneWriter, liveControlPlane } from '../../agents/tools/control-plane/control-plane.ts'
import { createHttp } from '../../agents/tools/http.ts'

interface Seen {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: string
}

/** Variants of control-planes: older ones, and ones that read the contract differently. */
describe('a control-plane', () => {
  let server: Server
  let base: string
  let seen: Seen[] = []
  let respond: (request: Seen) => { status?: number; body: unknown }
  beforeAll(async () => {
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const { method = 'GET', headers } = request
        const one = { method, url: new URL(request.url ?? '', base), headers, body }
        seen.push(one)
        const answered = respond(one)
        response.writeHead(answered.status ?? 200).end(JSON.stringify(answered.body))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  beforeEach(() => {
    seen = []
  })

  const context = { signal: new AbortController().signal, requestId: 'r-1' }
  const range = { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 0, 2) }
  const tool = () => liveControlPlane(createHttp({ baseUrl: base, timeoutMs: 60_000 }))
  const writer = () => controlPlaneWriter(createHttp({ baseUrl: base, timeoutMs: 60_000 }))
  const log = (id: number) => ({ id, timestamp: '2026-01-01T10:00:00Z', event_type: 'DEPLOYMENT', service_name: 'cart', summary: 's' }) // prettier-ignore
  const logs = Array.from({ length: 130 }, (_, index) => log(index))
  const changes = async () => (await tool().auditLogs({ services: ['cart'], range }, context)).data?.length

  const pageOf = ({ url }: Seen, size: number) => {
    const page = Number(url.searchParams.get('page'))
    return logs.slice((page - 1) * size, page * size)
  }

  it('is read page by page, up to its total', async () => {
    respond = (request) => ({ body: { items: pageOf(request, 100), pagination: { page: 1, total: 130 } } })
    expect(await changes()).toBe(130)
    expect(seen).toHaveLength(2)
    expect(Object.fromEntries(seen[0]!.url.searchParams)).toEqual({
      service_name: 'cart',
      start_time: '2026-01-01T00:00:00.000Z',
      end_time: '2026-01-02T00:00:00.000Z',
      page: '1',
      page_size: '100',
    })
    expect(seen[0]?.headers['x-request-id']).toBe('r-1')
  })

  it('may return smaller pages than requested, without a total', async () => {
    respond = (request) => ({ body: { items: pageOf(request, 50), pagination: null } })
    expect(await changes()).toBe(130)
  })

  it('may not support pages', async () => {
    respond = () => ({ body: { items: logs.slice(0, 30) } })
    expect(await changes()).toBe(30)
    respond = () => ({ body: logs })
    expect(await changes()).toBe(130)
  })

  it('with endless pages is cut, with a warning', async () => {
    respond = ({ url }) => ({ body: { items: [log(Number(url.searchParams.get('page')))] } })
    const result = await tool().auditLogs({ services: ['cart'], range }, context)
    expect(result.data).toHaveLength(50)
    expect(result.warnings).toEqual(['only the first 50 of api/v1/audit-logs were read'])
  })

  it('may name a field differently', async () => {
    respond = () => ({ body: { id: 7, service_name: 'cart', status: 'new', created_at: '2026-01-01T10:00:00Z', acknowledgedAt: '2026-01-01T10:02:00Z', summary: 'Slow' } }) // prettier-ignore
    expect((await tool().incident('7', context)).data).toEqual({
      acknowledged_at: Date.UTC(2026, 0, 1, 10, 2),
      id: '7',
      title: 'Slow',
      service_name: 'cart',
      severity: 'unknown',
      status: 'new',
      started_at: Date.UTC(2026, 0, 1, 10),
    })
  })

  it('of past incidents contains their end, and is no_data if the control-plane has no such list', async () => {
    const [started_at, resolved_at] = ['2026-01-01T10:00:00Z', '2026-01-01T10:05:00Z']
    const seen: URL[] = []
    respond = ({ url }) => {
      seen.push(url)
      return { body: [{ id: 'INC-7', title: '', service_name: 'cart', status: 'resolved', started_at, resolved_at }] }
    }
    const { data } = await tool().resolvedIncidents({ range }, context)
    expect(data).toMatchObject([{ id: 'INC-7', ended_at: Date.parse(resolved_at) }])
    expect(seen[0]?.searchParams.get('status')).toBe('resolved')
    for (const status of [400, 404, 405]) {
      respond = () => ({ status, body: {} })
      expect(await tool().resolvedIncidents({ range }, context)).toMatchObject({ status: 'no_data', incomplete: false })
    }
    respond = () => ({ status: 500, body: {} })
    expect(await tool().resolvedIncidents({ range }, context)).toMatchObject({ status: 'failed' })
  })

  it('fails for an unexpected format, and says where', async () => {
    respond = () => ({ body: { id: '7', status: 'new', started_at: 'yesterday' } })
    const result = await tool().incident('7', context)
    expect(result.status === 'failed' && result.error).toMatch(/unexpected format of an incident/)
    expect(result.status === 'failed' && result.error).toMatch(/not a timestamp: yesterday[\s\S]*started_at/)
    respond = () => ({ body: { message: 'maintenance' } })
    expect(await tool().alerts({ range }, context)).toMatchObject({ status: 'failed' })
  })

  it('reports the first error if every item has an unexpected format', async () => {
    respond = () => ({ body: [{ service_name: 'cart', depends_on: Array.from({ length: 20_000 }, (_, at) => at) }] })
    const result = await tool().resources({ service: null }, context)
    expect(result.status === 'failed' && result.error).toMatch(
      /^unexpected format of a resource: [^\n]*\n.*depends_on\[0\]$/,
    )
  })

  it('keeps the valid items of a list, and reports the others', async () => {
    const alert = { id: 1, service_name: 'cart', status: 'firing', started_at: '2026-01-01T10:00:00Z' }
    const bad = { id: 2, started_at: 'yesterday' }
    respond = ({ url }) => ({ body: url.pathname.endsWith('alerts') ? [alert, bad] : url.pathname.endsWith('resources') ? [{ service_name: 'cart' }, bad] : [log(1), bad] }) // prettier-ignore
    const control = tool()
    for (const asked of [
      control.alerts({ range }, context),
      control.auditLogs({ services: ['cart'], range }, context),
      control.resources({ service: null }, context),
    ]) {
      // prettier-ignore
      const { status, data, warnings, incomplete } = await asked
      expect({ status, incomplete, count: data?.length }).toEqual({ status: 'ok', incomplete: true, count: 1 })
      expect(warnings).toEqual([expect.stringMatching(/^1 of 2 could not be read and were left out; the first: unexpected format of an? /)]) // prettier-ignore
    }
  })

  it('reports no data for a 404, and the reason for a refusal', async () => {
    respond = () => ({ status: 404, body: { error: 'RESOURCE_NOT_FOUND' } })
    expect(await tool().deployment('../../secrets', context)).toMatchObject({ status: 'no_data', data: null })
    expect(seen[0]?.url.pathname).toBe('/api/v1/deployments/..%2F..%2Fsecrets')
    respond = () => ({ status: 403, body: { error: 'INSUFFICIENT_PERMISSIONS', message: 'needs sre-platform:read' } })
    const result = await tool().resources({ service: 'cart' }, context)
    expect(result.status === 'failed' && result.error).toContain('needs sre-platform:read')
  })

  it('gets the same key for every retry of an action', async () => {
    respond = () => (seen.length < 3 ? { status: 503, body: {} } : { status: 202, body: { execution_id: 'e1' } })
    const request = { scriptId: 'rollback', parameters: { to: 'v1' }, targets: ['cart'], dryRun: false, idempotencyKey: 'k1' } // prettier-ignore
    expect(await writer().execute(request, context)).toMatchObject({
      status: 'ok',
      operation: 'execute',
      data: { execution_id: 'e1', status: 'pending', output: null },
    })
    expect(seen.map(({ method, headers }) => [method, headers['idempotency-key']])).toEqual(Array(3).fill(['POST', 'k1'])) // prettier-ignore
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({
      script_id: 'rollback',
      parameters: { to: 'v1' },
      target_resources: ['cart'],
      dry_run: false,
    })
  })

  it('counts as having refused an action only for a status that proves it', async () => {
    const request = { scriptId: 'rollback', parameters: {}, targets: ['cart'], dryRun: false, idempotencyKey: 'k1' }
    const answered = (status: number) => {
      respond = () => ({ status, body: { message: 'no' } })
      return controlPlaneWriter(createHttp({ baseUrl: base, timeoutMs: 60_000, retries: 0 })).execute(request, context)
    }
    expect(await answered(422)).toMatchObject({ status: 'no_data', summary: expect.stringContaining('422') as string })
    expect(await answered(403)).toMatchObject({ status: 'no_data' })
    for (const status of [408, 409, 429, 500, 503]) expect(await answered(status)).toMatchObject({ status: 'failed' })
  })

  it('may leave out the id of an execution, and answer with more than text', async () => {
    respond = () => ({ body: { status: 'success', output: { replicas: 2 } } })
    expect((await writer().execution('e1', context)).data).toEqual({
      execution_id: 'e1',
      status: 'success',
      output: '{"replicas":2}',
    })
    respond = () => ({ body: { execution_id: 'e1' } })
    expect(await writer().execution('e1', context)).toMatchObject({
      status: 'failed',
      error: 'the execution e1 has no status',
    })
    respond = () => ({ status: 202, body: { status: 'pending' } })
    const request = { scriptId: 's', parameters: {}, targets: [], dryRun: true, idempotencyKey: 'k' }
    expect(await writer().execute(request, context)).toMatchObject({ status: 'failed', operation: 'dry-run' })
  })
})
