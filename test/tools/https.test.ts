import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHttp } from '../../agents/tools/http.ts'

describe('a source with a private CA', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tools-ca-'))
  const caFile = join(dir, 'ca.pem')
  const context = { signal: new AbortController().signal }
  let server: Server
  let baseUrl: string
  let asked = 0
  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    })
    writeFileSync(caFile, cert)
    server = createServer({ key, cert }, (_request, response) => {
      asked++
      response.end('{"ok":true}')
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    baseUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => {
    server.close()
    server.closeAllConnections()
    rmSync(dir, { recursive: true })
  })

  it('is reachable if the CA is configured', async () => {
    const http = createHttp({ baseUrl, caFile, timeoutMs: 60_000 })
    expect(await http.json({ path: 'x' }, context)).toEqual({ ok: true })
  })

  it('is sent nothing if it is not, and the reason is given', async () => {
    asked = 0
    const http = createHttp({ baseUrl, timeoutMs: 60_000, credentials: { bearer: async () => 'tok' } })
    await expect(http.json({ path: 'x' }, context)).rejects.toThrow(/self-signed certificate/)
    expect(asked).toBe(0)
  })

  it('fails at the start if the CA file is missing', () => {
    expect(() => createHttp({ baseUrl, caFile: join(dir, 'nothing.pem'), timeoutMs: 60_000 })).toThrow(/ENOENT/)
  })
})
