/** Schema stores that can lose their schemas and restore them, for each bus. */
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Pool } from 'pg'
import type { BusKind } from './bench.ts'

export interface LosableSchemas {
  /** options of a bus that uses this store */
  options: BusKind
  lose(): Promise<void>
  giveBack(): Promise<void>
  close(): Promise<void>
}

export function losableTables(pool: Pool, options: BusKind): LosableSchemas {
  return {
    options,
    async lose() {
      await pool.query('CREATE TABLE kept AS TABLE bus.schemas')
      await pool.query('DELETE FROM bus.schemas')
    },
    async giveBack() {
      await pool.query('INSERT INTO bus.schemas OVERRIDING SYSTEM VALUE TABLE kept')
      await pool.query('DROP TABLE kept')
    },
    close: () => pool.end(),
  }
}

export type Loss = 'another path' | 'a page' | 'empty'

/** A proxy of the registry that, once lost, answers like a wrong path, a foreign web page or an empty registry. */
export async function losableRegistry(options: BusKind & { kind: 'kafka' }, loss: Loss): Promise<LosableSchemas> {
  let lost = false
  const server = createServer((request, response) => {
    const body: Buffer[] = []
    request.on('data', (part: Buffer) => body.push(part))
    request.on('end', () => {
      if (lost && loss === 'a page') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')
      if (lost && loss === 'another path')
        return void response.writeHead(404, { 'content-type': 'text/html' }).end('<html>not found')
      if (lost) {
        const code = request.url?.startsWith('/schemas') ? 40403 : 40401
        return void response
          .writeHead(404, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
          .end(JSON.stringify({ error_code: code, message: 'not found' }))
      }
      void pass(`${options.registryUrl}${request.url}`, request.method ?? 'GET', Buffer.concat(body)).then(
        ({ status, type, text }) => response.writeHead(status, { 'content-type': type }).end(text),
      )
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    options: { ...options, registryUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    lose: () => Promise.resolve(void (lost = true)),
    giveBack: () => Promise.resolve(void (lost = false)),
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function pass(url: string, method: string, body: Buffer) {
  const type = 'application/vnd.schemaregistry.v1+json'
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': type },
    ...(body.length === 0 ? {} : { body: new Uint8Array(body) }),
  })
  return { status: answer.status, type: answer.headers.get('content-type') ?? type, text: await answer.text() }
}
