/** Tools that know all tenants' services, restricted to one tenant. */
import { describe, expect, it } from 'vitest'
import { answer } from '../../agents/tools/answer.ts'
import { ownedTools } from '../../agents/tools/owned/owned.ts'
import type { Resource, Tools } from '../../agents/tools/tools.ts'
import { type Belongings, createTenants } from '../../tenants/tenants.ts'

const context = { signal: new AbortController().signal }
const range = { start: 0, end: 60_000 }
const found = <T>(operation: string, data: T) =>
  answer<T>({ tool: 'one', operation, query: '', range: null }, () => Promise.resolve({ data, summary: 'everything' }))

const running = (service_name: string, namespace: string | null, depends_on: string[] | null = []): Resource => ({
  ...{ service_name, namespace, depends_on, image_tag: 'v1', replicas: 1 },
})
const span = (service: string, traceId: string) => ({
  traceId,
  spanId: service,
  service,
  name: 'GET',
  start: 1,
  end: 2,
})
const told = (service_name: string, namespace: string | null = null) => ({
  ...{ id: `of-${service_name}`, service_name, title: '', severity: 'P1', status: 'firing', started_at: 1, name: '' },
  ...{ summary: '', labels: (namespace === null ? {} : { namespace }) as Record<string, string> },
  ...{ timestamp: 1, event_type: 'DEPLOYMENT', author: null, changes: null },
  ...{ namespace, image_tag: 'v1', previous_image_tag: null, finished_at: null },
})

/** Tools with all tenants' data, which note the names queried. */
function everybodys(resources: Resource[], asked: string[] = []): Tools {
  const names = [...new Set(resources.map(({ service_name }) => service_name))]
  return {
    metrics: {
      goldenSignals: ({ service, strict }) => {
        asked.push(strict === true ? `${service} strictly` : service)
        return found('golden-signals', { profile: 'p', series: [], comparison: [] })
      },
    },
    logs: {
      logs: ({ service, strict }) => {
        asked.push(strict === true ? `${service} strictly` : service)
        return found('logs', { lines: [], levels: {}, templates: [], critical: [] })
      },
    },
    traces: {
      traces: ({ services }) => {
        asked.push(...(services ?? ['any']))
        return found('traces', { spans: names.map((name) => span(name, 't1')), traces: 1 })
      },
    },
    controlPlane: {
      auditLogs: ({ services }) => {
        asked.push(...services)
        return found('audit-logs', [...names.map((name) => told(name)), told('')])
      },
      resolvedIncidents: () => found('incidents', [...names.map((name) => told(name))]),
      incident: (id) => found('incident', told(id.replace('of-', ''))),
      deployment: (id) => found('deployment', told(id.replace('of-', ''))),
      alerts: () =>
        found(
          'alerts',
          names.map((name) => told(name)),
        ),
      resources: ({ service }) => found('resources', resources.filter((one) => service === null || one.service_name === service)), // prettier-ignore
    },
  }
}

const toolsOf = (belongings: Belongings, resources: Resource[], asked: string[] = []) =>
  ownedTools(everybodys(resources, asked), createTenants(new Map([['team', belongings]])).of('team'))
const shop = [running('cart', 'shop', ['orders', 'invoices']), running('orders', 'shop', null), running('invoices', 'billing', ['cart'])] // prettier-ignore

describe('a tenant with services of its own', () => {
  const belongings = { services: ['cart', 'orders'] }

  it('queries these only', async () => {
    const asked: string[] = []
    const tools = toolsOf(belongings, shop, asked)
    for (const service of ['cart', 'invoices']) {
      const status = service === 'cart' ? 'ok' : 'no_data'
      expect(await tools.metrics.goldenSignals({ service, range }, context)).toMatchObject({ status })
      expect(await tools.logs.logs({ service, range }, context)).toMatchObject({ status })
      expect(await tools.traces?.traces({ services: [service], range }, context)).toMatchObject({ status })
    }
    await tools.controlPlane.auditLogs({ services: ['cart', 'invoices'], range }, context)
    expect(new Set(asked)).toEqual(new Set(['cart']))
  })

  it('is shown these only, and the number of others', async () => {
    const { controlPlane, traces } = toolsOf(belongings, shop)
    const names = (data: unknown) => (data as { service_name: string }[]).map(({ service_name }) => service_name)
    const alerts = await controlPlane.alerts({ range }, context)
    expect([names(alerts.data), alerts.summary]).toEqual([['cart', 'orders'], '2 alerts'])
    const changes = await controlPlane.auditLogs({ services: ['cart'], range }, context)
    expect([names(changes.data), changes.summary]).toEqual([['cart', 'orders'], '2 changes'])
    const resources = await controlPlane.resources({ service: null }, context)
    expect(names(resources.data)).toEqual(['cart', 'orders'])
    expect(resources.data?.[0]).toMatchObject({ depends_on: ['orders'], outside: 1 })
    expect(resources.data?.[1]).not.toHaveProperty('outside')
    const passed = await traces?.traces({ range }, context)
    expect(passed?.data?.spans.map(({ service }) => service)).toEqual(['cart', 'orders'])
    expect(passed?.warnings).toHaveLength(1)
  })

  it.each(['incident', 'deployment'] as const)('finds no %s of other tenants', async (operation) => {
    const { controlPlane } = toolsOf(belongings, shop)
    expect(await controlPlane[operation]('of-cart', context)).toMatchObject({ status: 'ok' })
    const foreign = await controlPlane[operation]('of-invoices', context)
    expect(foreign).toMatchObject({ status: 'no_data', data: null, summary: `no ${operation} of-invoices` })
    expect(JSON.stringify(foreign)).not.toContain('P1')
  })

  it("finds no target for an action among other tenants' services", async () => {
    const { controlPlane } = toolsOf(belongings, shop)
    expect(await controlPlane.resources({ service: 'invoices' }, context)).toMatchObject({ status: 'no_data' })
  })
})

describe('a tenant separated from others by namespace', () => {
  const belongings = { namespaces: ['shop'] }
  const twice = [...shop, running('orders', 'billing')]

  it('queries strictly, and never without a namespace', async () => {
    const asked: string[] = []
    const tools = toolsOf(belongings, twice, asked)
    for (const namespace of ['shop', 'billing', null]) {
      await tools.metrics.goldenSignals({ service: 'cart', namespace, range }, context)
      await tools.logs.logs({ service: 'cart', namespace, range }, context)
    }
    expect(asked).toEqual(['cart strictly', 'cart strictly'])
  })

  it('is shown a name without a namespace only if every service of that name is its own', async () => {
    const { controlPlane, traces } = toolsOf(belongings, twice)
    const alerts = await controlPlane.alerts({ range }, context)
    expect(alerts.data?.map(({ service_name }) => service_name)).toEqual(['cart'])
    const passed = await traces?.traces({ services: ['cart', 'orders'], range }, context)
    expect(passed?.data?.spans.map(({ service }) => service)).toEqual(['cart'])
    expect(await controlPlane.incident('of-orders', context)).toMatchObject({ status: 'no_data' })
    expect(await controlPlane.incident('of-nobody', context)).toMatchObject({ status: 'no_data' })
  })

  it('cannot act on a name that another tenant uses too', async () => {
    const { controlPlane } = toolsOf(belongings, twice)
    expect(await controlPlane.resources({ service: 'cart' }, context)).toMatchObject({ status: 'ok' })
    expect(await controlPlane.resources({ service: 'orders' }, context)).toMatchObject({ status: 'failed', data: null })
  })

  it("is shown a dependency's name only if it owns it", async () => {
    const { controlPlane } = toolsOf(belongings, [running('cart', 'shop', ['orders', 'invoices', 'unknown']), running('orders', 'shop'), running('invoices', 'billing')]) // prettier-ignore
    const { data } = await controlPlane.resources({ service: 'cart' }, context)
    expect(data?.[0]).toMatchObject({ depends_on: ['orders', 'unknown'], outside: 1 })
  })
})

it('a tenant that owns everything is shown everything unchanged', async () => {
  const [tools, plain] = [toolsOf({ services: ['*'] }, shop), everybodys(shop)]
  const timeless = async (asked: Promise<unknown>) => ({ ...((await asked) as object), durationMs: 0, summary: '' })
  for (const ask of [
    (one: Tools) => one.controlPlane.resources({ service: null }, context),
    (one: Tools) => one.controlPlane.alerts({ range }, context),
    (one: Tools) => one.controlPlane.auditLogs({ services: ['cart'], range }, context),
    (one: Tools) => one.controlPlane.incident('of-cart', context),
    (one: Tools) => one.traces!.traces({ range }, context),
    (one: Tools) => one.metrics.goldenSignals({ service: 'cart', range }, context),
  ])
    expect(await timeless(ask(tools))).toEqual(await timeless(ask(plain)))
})
