/** An HTTP source with hostile responses, the same for the same query and seed. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { type Chance, chanceFrom, seedOf } from './chance.ts'
import { answerTo } from './answers.ts'
import { garbled, mutate } from './mutate.ts'

export interface Harm {
  seed: number
  /** share of responses with mutated content */
  changed: number
  /** share of invalid responses; 1: none is usable */
  broken: number
}

export interface HarmfulSource {
  url: string
  harm: Harm
  close(): Promise<void>
}

export async function harmfulSource(): Promise<HarmfulSource> {
  const server = createServer((request, response) => {
    void (async () => {
      const url = new URL(request.url ?? '', 'http://127.0.0.1')
      const body = await text(request)
      const chance = chanceFrom(seedOf(source.harm.seed, hashOf(`${url.href}${body}`)))
      if (chance.one(source.harm.broken)) return chance.pick(BROKEN)(response, chance)
      const answer = answerTo(url.pathname, new URLSearchParams(body === '' ? url.search : body))
      if (answer === null) return response.writeHead(404).end('{}')
      const root = { value: answer }
      if (chance.one(source.harm.changed)) mutate(root, chance, 1 + chance.below(4))
      const told = JSON.stringify(root.value) ?? ''
      return response.end(chance.one(0.03) ? garbled(told, chance) : told)
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const source: HarmfulSource = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    harm: { seed: 0, changed: 0, broken: 0 },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
  return source
}

/** Responses with neither data nor a valid “no data”. */
const BROKEN: readonly ((response: ServerResponse, chance: Chance) => unknown)[] = [
  (response, chance) => response.writeHead(chance.pick([400, 401, 403, 429, 500, 502, 503])).end(chance.pick(['', '{}', '<html>', 'x'.repeat(100_000)])), // prettier-ignore
  (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Sign in</title>'),
  (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
  (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end(),
  (response) => response.writeHead(302, { location: '/api/v1/again' }).end(),
  (response) => response.writeHead(301, { location: '//[::1' }).end(),
  (response) => (response.writeHead(200, { 'content-length': '1000' }).write('{"data":'), response.destroy()),
  (response) => (response.write('{"data":['), response.destroy()),
  (response) => response.destroy(),
  (response, chance) => response.end(`${'['.repeat(chance.pick([101, 5000]))}`),
  (response) => response.end(''),
  (response) => response.end('{"data":[1,'),
  (response) => response.writeHead(204).end(),
]

function hashOf(words: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < words.length; at++) hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
