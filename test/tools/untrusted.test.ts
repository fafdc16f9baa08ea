import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createUntrustedReader, isPublicAddress, type UntrustedOptions } from '../../agents/tools/untrusted.ts'

describe('a URL from an untrusted source', () => {
  let server: Server
  let url: string
  let seen: string[] = []
  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request.url ?? '')
      if (request.url === '/moved') response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end()
      else if (request.url === '/long') response.end('x'.repeat(10_000))
      else response.end('a runbook')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
  })

  const context = { signal: new AbortController().signal }
  const read = (address: string, options: UntrustedOptions = {}) =>
    createUntrustedReader({ timeoutMs: 3000, ...options })(address, context)
  /** A resolver that returns these addresses for every name. */
  const resolvesTo = (...addresses: string[]): UntrustedOptions => ({
    lookup: (_host, _options, done) =>
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
  })
  const said = async (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'it was read',
      (error: unknown) => (error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error)),
    )

  it.each([
    '10.0.0.1',
    '172.16.3.4',
    '192.168.1.1',
    '127.0.0.1',
    '127.8.8.8',
    '0.0.0.0',
    '100.64.1.1',
    '100.100.100.200',
    '169.254.169.254',
    '168.63.129.16',
    '224.0.0.1',
    '255.255.255.255',
    '::1',
    '::',
    'fe80::1',
    'fd00:ec2::254',
    '::ffff:127.0.0.1',
    '::ffff:10.1.2.3',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    'not an address',
  ])('%s is not public', (address) => {
    expect(isPublicAddress(address)).toBe(false)
  })

  it.each(['1.1.1.1', '93.184.215.14', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(isPublicAddress(address)).toBe(true)
  })

  it.each(['http://127.0.0.1', 'http://2130706433', 'http://0x7f.1', 'http://[::1]', 'http://[::ffff:7f00:1]'])(
    'is refused as %s, however loopback is written',
    async (host) => {
      seen = []
      expect(await said(read(`${host}:${new URL(url).port}/`))).toContain('not a public address')
      expect(seen).toEqual([])
    },
  )

  it('is refused if its name resolves to a private address, even besides a public one', async () => {
    seen = []
    const here = `http://runbooks.example:${new URL(url).port}/`
    expect(await said(read(here, resolvesTo('127.0.0.1')))).toContain('not a public address')
    expect(await said(read(here, resolvesTo('93.184.215.14', '127.0.0.1')))).toContain('not a public address')
    expect(await said(read(here, resolvesTo('::ffff:127.0.0.1')))).toContain('not a public address')
    expect(await said(read('http://localhost:1/'))).toContain('not a public address')
    expect(seen).toEqual([])
  })

  it('is read if its origin is configured', async () => {
    expect(await read(`${url}/runbook`, { trustedOrigins: [url] })).toBe('a runbook')
  })

  it('is refused if a configured origin redirects to a forbidden address', async () => {
    expect(await said(read(`${url}/moved`, { trustedOrigins: [url] }))).toContain(
      'http://169.254.169.254 is not a public address',
    )
  })

  it.each(['file:///etc/passwd', 'ftp://example.org/', 'javascript:alert(1)', 'no url'])(
    'is refused as %s',
    async (bad) => {
      expect(await said(read(bad))).toContain('not an http(s) URL')
    },
  )

  it('is not read beyond the size limit', async () => {
    expect(await said(read(`${url}/long`, { trustedOrigins: [url], maxBytes: 1000 }))).toContain('larger than 1000')
  })
})
