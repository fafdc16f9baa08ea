import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { httpProbe } from '../../gateway/probe.ts'

let server: Server
let address: string
let ca: string
let status = 200
let seen: IncomingMessage['headers'][] = []
beforeAll(async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  })
  ca = cert
  server = createServer({ key, cert }, ({ headers }, response) => {
    seen.push(headers)
    response.writeHead(status).end('x'.repeat(500_000))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  address = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.close()
  server.closeAllConnections()
})

test('a source with a private CA is reachable only if that CA is trusted', async () => {
  expect(await httpProbe(`https://${address}`, ca)()).toBe(true)
  await expect(httpProbe(`https://${address}`)()).rejects.toThrow('self-signed certificate')
})

test("credentials in a source's URL are not sent", async () => {
  seen = []
  expect(await httpProbe(`https://reader:secret@${address}`, ca)()).toBe(true)
  expect(seen.map(({ authorization }) => authorization)).toEqual([undefined])
})

test.each([
  [401, true],
  [404, true],
  [302, true],
  [500, false],
  [503, false],
])('status %i counts as reachable: %s', async (given, answers) => {
  status = given
  expect(await httpProbe(`https://${address}`, ca)()).toBe(answers)
})
