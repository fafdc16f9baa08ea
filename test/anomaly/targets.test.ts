import { expect, it } from 'vitest'
import { polling } from '../../agents/anomaly/source.ts'
import { targetsOf, type Watched } from '../../agents/anomaly/targets.ts'
import type { ControlPlaneTool, MetricsQuery, MetricsTool, Resource } from '../../agents/tools/tools.ts'
import { createTenants } from '../../tenants/tenants.ts'

const SIGNAL = new AbortController().signal
const about = { tool: 'a tool', operation: '', query: '', range: null, link: null, warnings: [], incomplete: false, durationMs: 0, summary: '' } // prettier-ignore
const resource = (service: string, namespace: string | null, depends: string[] = []): Resource => ({ service_name: service, namespace, image_tag: null, replicas: null, depends_on: depends }) // prettier-ignore
/** null: it fails */
const listing = (listed: (tenant: string | undefined) => Resource[] | null) =>
  ({
    resources: async (_query: unknown, { tenant }: { tenant?: string }) => {
      const data = listed(tenant)
      return data === null ? { ...about, status: 'failed', error: 'away', data } : { ...about, status: 'ok', data }
    },
  }) as unknown as ControlPlaneTool

it('asks for each namespace of a tenant that is told apart by them, and for nothing of the others', async () => {
  const all = [resource('cart', 'shop-eu', ['store']), resource('cart', 'shop-us'), resource('cart', 'billing'), resource('cart', null), resource('store', 'shop-eu')] // prettier-ignore
  const tenants = createTenants(new Map([['shop', { namespaces: ['shop-*'] }], ['billing', { namespaces: ['billing'] }]])) // prettier-ignore
  const { watched } = await targetsOf(
    listing(() => all),
    tenants,
    new Map(),
    SIGNAL,
  )
  expect([...watched.keys()]).toEqual(['shop', 'billing'])
  const shop = watched.get('shop')!
  expect(shop.targets).toEqual([
    { tenant: 'shop', service: 'cart', namespace: 'shop-eu', strict: true },
    { tenant: 'shop', service: 'cart', namespace: 'shop-us', strict: true },
    { tenant: 'shop', service: 'store', namespace: 'shop-eu', strict: true },
  ])
  expect(shop.calls).toEqual([{ from: 'cart', to: 'store' }])
  expect([shop.namespaceOf('cart'), shop.namespaceOf('store'), shop.namespaceOf('mail')]).toEqual([null, 'shop-eu', null]) // prettier-ignore

  const asked: MetricsQuery[] = []
  const metrics = {
    async goldenSignals(query: MetricsQuery) {
      asked.push(query)
      const series = { service: query.service, indicator: 'latency_p95', times: [10_000], values: [100] }
      return { ...about, status: 'ok', data: { series: [series] } }
    },
  } as unknown as MetricsTool
  const { samples } = await polling({ metrics }).read(shop.targets, { start: 0, end: 10_000 }, 10_000, SIGNAL)
  expect(asked.every(({ strict }) => strict === true)).toBe(true)
  const carts = samples.filter(({ service }) => service === 'cart')
  expect(new Set(carts.map(({ instance }) => instance)).size).toBe(2)
})

it('asks once about a service in several namespaces if they are all of one tenant', async () => {
  const tenants = createTenants(new Map([['shop', {}]]))
  const all = [resource('cart', 'eu'), resource('cart', 'us'), resource('mail', 'eu')]
  const { watched } = await targetsOf(
    listing(() => all),
    tenants,
    new Map(),
    SIGNAL,
  )
  expect(watched.get('shop')!.targets).toEqual([
    { tenant: 'shop', service: 'cart', namespace: null, strict: false },
    { tenant: 'shop', service: 'mail', namespace: 'eu', strict: false },
  ])
})

it('lists the services of a tenant that has an organization of its own there', async () => {
  const tenants = createTenants(new Map([['one', { scopes: { prometheus: 'org-1' } }], ['two', { scopes: { prometheus: 'org-2' } }]])) // prettier-ignore
  const listed = (tenant: string | undefined) => [resource(`of-${tenant}`, null)]
  const servicesOf = (watched: ReadonlyMap<string, Watched>) => [...watched].map(([tenant, { targets }]) => [tenant, ...targets.map(({ service }) => service)]) // prettier-ignore
  const first = await targetsOf(listing(listed), tenants, new Map(), SIGNAL)
  expect(servicesOf(first.watched)).toEqual([
    ['one', 'of-one'],
    ['two', 'of-two'],
  ])
  const away = listing((tenant) => (tenant === 'two' ? null : [resource('new', null)]))
  const { watched, errors } = await targetsOf(away, tenants, first.watched, SIGNAL)
  expect(servicesOf(watched)).toEqual([
    ['one', 'new'],
    ['two', 'of-two'],
  ])
  expect(errors).toEqual(['away'])
})
