/** The health port of a component: `/healthz`, `/readyz`, `/metrics`, and nothing else. Open to whoever reaches it. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export interface HealthServerOptions {
  host: string
  /** 0 takes a free one */
  port: number
  version: string
  ready(): Promise<{ ready: boolean }>
  registry: Registry
}

export interface HealthServer {
  url: string
  close(): Promise<void>
}

interface Answer {
  status: number
  type: string
  body: string
}

const json = (status: number, body: object): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
})

/** Rejects as `listen` does. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const { registry, version } = options
  const startedAt = Date.now()
  const routes: Record<string, () => Promise<Answer>> = {
    '/healthz': async () =>
      json(200, { status: 'healthy', timestamp: new Date(), version, uptime: (Date.now() - startedAt) / 1000 }),
    async '/readyz'() {
      const told = await options.ready()
      return json(told.ready ? 200 : 503, told)
    },
    '/metrics': async () => ({ status: 200, type: registry.contentType, body: await registry.metrics() }),
  }
  const answer = async (method: string, path: string): Promise<Answer> => {
    const route = routes[path]
    if (route === undefined) return json(404, { error: 'RESOURCE_NOT_FOUND', paths: Object.keys(routes) })
    return method === 'GET' ? route() : json(405, { error: 'INVALID_REQUEST' })
  }
  const server = createServer({ requestTimeout: 30_000 }, ({ method = '', url = '' }, response) => {
    void answer(method, url.split('?', 1)[0] ?? '')
      // the port is open to anyone, and an error may contain an address or a password
      .catch(() => json(500, { error: 'INTERNAL_ERROR' }))
      .then(({ status, type, body }) => {
        if (status === 405) response.setHeader('allow', 'GET')
        response.writeHead(status, { 'content-type': type }).end(body)
      })
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { address, port, family } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    async close() {
      server.close()
      server.closeAllConnections()
      if (server.listening) await once(server, 'close')
    },
  }
}
