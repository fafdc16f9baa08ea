/** A proxy between a tool and a real server that breaks some responses. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Between {
  url: string
  /** changes a response from now on; null: passes it on unchanged */
  meddle: (
    path: string,
    form: URLSearchParams,
    body: string,
    method: string,
  ) => { status?: number; body: string } | null
  close(): Promise<void>
}

export async function between(target: string): Promise<Between> {
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '', target)
      const form = await text(request)
      const { method = 'GET' } = request
      const headers = form === '' ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
      const answered = await fetch(url, { method, headers, ...(form === '' ? {} : { body: form }) })
      const asked = new URLSearchParams(form === '' ? url.search : form)
      const body = await answered.text()
      const changed = standing.meddle(url.pathname, asked, body, method)
      response.writeHead(changed?.status ?? answered.status, { 'content-type': 'application/json' })
      response.end(changed?.body ?? body)
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const standing: Between = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    meddle: () => null,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return standing
}
