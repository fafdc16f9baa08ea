/** A test's own HTTP server that returns a document for each path. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Answer {
  status?: number
  /** an object is sent as JSON */
  body: unknown
}

export interface Served {
  url: string
  /** requests so far, oldest first */
  asked: { url: URL; headers: Record<string, unknown> }[]
  close(): Promise<void>
}

/** `answer` null: 404. */
export async function serve(answer: (url: URL) => Answer | null): Promise<Served> {
  const asked: Served['asked'] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    asked.push({ url, headers: request.headers })
    const { status = 200, body } = answer(url) ?? { status: 404, body: 'not found' }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
