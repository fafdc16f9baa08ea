/** A refused certificate stays refused: connecting fails at once with the reason, not after all the retries meant for brokers that are down. */
import { once } from 'node:events'
import { createServer as createPlain, type AddressInfo, type Server } from 'node:net'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { withAdmin } from '../../bus/kafka/admin.ts'
import { inWords } from '../../bus/kafka/words.ts'
import { freePort } from '../servers/free-port.ts'
import { certified, type Certified } from '../servers/secured-kafka.ts'

let own: Certified
let stranger: Certified
beforeAll(async () => {
  ;[own, stranger] = await Promise.all([certified(), certified('stranger')])
})

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

/** Counts connections; a broker never gets further than its handshake here. */
async function listening(server: Server) {
  let connections = 0
  server.on('connection', () => connections++)
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  return { broker: `127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections }
}

const tls = (options: object = {}) => listening(createServer({ cert: own.certificate, key: own.key, ...options }))

const told = (brokers: string[], ssl: object): Promise<string> =>
  withAdmin({ brokers, ssl }, async () => 'connected').catch(inWords)

it('reports a broker whose certificate is not trusted', async () => {
  const { broker, connections } = await tls()
  expect(await told([broker], { ca: stranger.certificate })).toMatch(/certificate.*\(set KAFKA_CA_FILE/)
  expect(connections()).toBe(2)
})

it('reports a port that does not speak TLS', async () => {
  const { broker, connections } = await listening(createPlain((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n')))
  expect(await told([broker], { ca: own.certificate })).toMatch(/does this port speak TLS\?/)
  expect(connections()).toBe(2)
})

it('has tried every other broker before', async () => {
  const [first, second] = [await tls(), await tls()]
  const away = `127.0.0.1:${await freePort()}`
  expect(await told([first.broker, away, second.broker], { ca: stranger.certificate })).toMatch(/certificate/)
  expect([first.connections(), second.connections()]).toEqual([2, 1])
})
