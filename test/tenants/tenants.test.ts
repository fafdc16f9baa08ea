import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from '../../cli/config.ts'
import { matchesPattern } from '../../tenants/pattern.ts'
import { readTenants } from '../../tenants/read.ts'
import { createTenants, singleTenant } from '../../tenants/tenants.ts'

describe('a pattern', () => {
  it.each([
    ['cart', 'cart', true],
    ['cart', 'cart-db', false],
    ['cart-*', 'cart-db', true],
    ['cart-*', 'cart', false],
    ['*-db', 'cart-db', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bc*c', 'abc', false],
    ['*', '', true],
    ['a*a', 'a', false],
    ['cart', 'Cart', false],
    ['c.rt', 'cart', false],
  ])('%s on %s: %s', (pattern, name, fits) => expect(matchesPattern(pattern, name)).toBe(fits))
})

describe('ownership', () => {
  it('defaults to everything for the tenant default, and nothing for any other', () => {
    expect(singleTenant.of('default').has('cart', null)).toBe(true)
    for (const tenant of ['other', '', 'Default', '__proto__', 'constructor']) {
      expect(singleTenant.of(tenant).has('cart', null)).toBe(false)
      expect(singleTenant.of(tenant).nothing).toBe(true)
    }
    expect(singleTenant.ownerOf('cart', 'shop')).toBe('default')
  })

  it('gives default nothing if other tenants are configured', () => {
    const tenants = createTenants(new Map([['shop', { services: ['cart'] }]]))
    expect(tenants.of('default').has('cart', null)).toBe(false)
    expect(tenants.ownerOf('orders', null)).toBeNull()
  })

  it('needs the namespace if tenants are separated by it, because a name alone is ambiguous', () => {
    const owned = createTenants(new Map([['shop', { namespaces: ['shop', 'shop-*'] }]])).of('shop')
    expect(owned.has('cart', 'shop-eu')).toBe(true)
    expect(owned.has('cart', 'billing')).toBe(false)
    expect(owned.has('cart', null)).toBe(false)
    expect(owned.namespace).toBeNull()
  })

  it('fills in the namespace if only one is possible', () => {
    const of = (namespaces: string[]) => createTenants(new Map([['shop', { namespaces }]])).of('shop').namespace
    expect(of(['shop'])).toBe('shop')
    expect(of(['shop*'])).toBeNull()
  })
})

describe('the tenants file', () => {
  const file = (text: string): string => {
    const path = join(mkdtempSync(join(tmpdir(), 'tenants-')), 'tenants.yaml')
    writeFileSync(path, text)
    return path
  }

  it("states who owns what, and each source's tenant id", () => {
    const tenants = readTenants(
      file(
        'tenants:\n  shop: { services: [cart, "pay-*"], scopes: { loki: team-1 } }\n  billing: { namespaces: [billing] }\n',
      ),
    )
    expect(tenants.of('shop').has('pay-api', 'anywhere')).toBe(true)
    expect(tenants.of('shop').has('orders', 'billing')).toBe(false)
    expect(tenants.of('billing').has('cart', 'billing')).toBe(true)
    expect([...tenants.scopesOf('loki')]).toEqual([['shop', 'team-1']])
    expect(tenants.scopesOf('prometheus').size).toBe(0)
  })

  it.each([
    ['nobody', 'tenants: {}', 'names no tenant'],
    ['a tenant without anything', 'tenants: { shop: {} }', 'needs services or namespaces'],
    ['an empty list, which might be meant as all', 'tenants: { shop: { services: [] } }', 'services'],
    ['a misspelt field, which would widen what it was to narrow', 'tenants: { shop: { services: [a], namespace: [b] } }', 'namespace'], // prettier-ignore
    ['a tenant twice', 'tenants:\n  shop: { services: [a] }\n  shop: { services: [b] }\n', 'unique'],
    ['a name with a line break', 'tenants: { shop: { services: ["a\\nb"] } }', 'blanks'],
    ['a header in a scope', 'tenants: { shop: { services: [a], scopes: { loki: "a\\r\\nx: y" } } }', 'Mimir'],
    ['no file', null, 'ENOENT'],
  ])('is refused when it names %s', (_what, text, why) => {
    const path = text === null ? '/does/not/exist.yaml' : file(text)
    expect(() => readConfig({ SRE_TENANTS_FILE: path })).toThrow(/SRE_TENANTS_FILE/)
    expect(() => readConfig({ SRE_TENANTS_FILE: path })).toThrow(why)
  })
})
