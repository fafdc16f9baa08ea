/**
 * What a real API server cannot be made to do on request: forget a position, cut a line, expire a page. A small HTTP server speaks the watch protocol
 * with documents in the shape that Kubernetes publishes.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KubeConfig } from '@kubernetes/client-node'
import { afterEach, expect, it } from 'vitest'
import { clusterOf } from '../../connect/kubernetes/cluster.ts'
import { watchCollection } from '../../connect/kubernetes/watch.ts'

const PATH = '/apis/apps/v1/replicasets'
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

type Reply = (response: ServerResponse, url: URL) => void

/** Answers one request after the other; the last reply stays. */
async function watching(...replies: Reply[]) {
  const asked: URL[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    asked.push(url)
    ;(replies[asked.length - 1] ?? quiet)(response, url)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const config = new KubeConfig()
  const { port } = server.address() as AddressInfo
  config.loadFromClusterAndUser({ name: 'x', server: `http://127.0.0.1:${port}`, skipTLSVerify: true }, { name: 'x' })
  const stop = new AbortController()
  const lists: unknown[][] = []
  const changes: string[] = []
  const faults: (string | null)[] = []
  const done = watchCollection({
    ...{ cluster: clusterOf(config), path: PATH, signal: stop.signal },
    listed: async (objects) => void lists.push(objects.map(nameOf)),
    changed: async (object, isGone) => void changes.push(`${isGone ? 'gone ' : ''}${nameOf(object)}`),
    tell: (fault) => void faults.push(fault?.message ?? null),
  })
  ends.push(async () => {
    stop.abort()
    await done
    server.closeAllConnections()
    server.close()
  })
  return { asked, lists, changes, faults }
}

const nameOf = (object: unknown): string => (object as { metadata: { name: string } }).metadata.name
const object = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } })
const event = (type: string, of: object): string => `${JSON.stringify({ type, object: of })}\n`
const status = (code: number, message: string) => ({ kind: 'Status', status: 'Failure', code, message })

const list =
  (resourceVersion: string, names: string[], next?: string): Reply =>
  (response) =>
    response.end(
      JSON.stringify({
        kind: 'ReplicaSetList',
        metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) },
        items: names.map((name) => object(name, resourceVersion)),
      }),
    )
const stream =
  (...parts: string[]): Reply =>
  (response) => {
    for (const part of parts) response.write(part)
    response.end()
  }
const refuse =
  (code: number, message: string): Reply =>
  (response) =>
    response.writeHead(code).end(JSON.stringify(status(code, message)))
/** a watch without events */
const quiet: Reply = (response) => void response.write('\n')

const versions = (asked: readonly URL[]): string[] =>
  asked.map(({ searchParams: all }) => (all.get('watch') === 'true' ? `watch ${all.get('resourceVersion')}` : `list ${all.get('continue') ?? ''}`.trim())) // prettier-ignore

it('reads all pages, then watches from the position of the list, and resumes where a watch ended', async () => {
  const seen = await watching(
    list('10', ['a'], 'page-2'),
    list('10', ['b']),
    stream(event('ADDED', object('c', '11')), event('BOOKMARK', { metadata: { resourceVersion: '20' } })),
    stream(event('DELETED', object('c', '21'))),
  )
  await expect.poll(() => versions(seen.asked), { timeout: 30_000 }).toEqual(['list', 'list page-2', 'watch 10', 'watch 20', 'watch 21']) // prettier-ignore
  expect(seen).toMatchObject({ lists: [['a', 'b']], changes: ['c', 'gone c'] })
  expect(seen.faults.filter((one) => one !== null)).toEqual([])
})

it.each([
  ['as an event', stream(event('ADDED', object('b', '11')), event('ERROR', status(410, 'too old resource version')))],
  ['as an answer', refuse(410, 'too old resource version')],
])('lists again if the position has expired, reported %s', async (_how, gone) => {
  const seen = await watching(list('10', ['a']), gone, list('50', ['a', 'b', 'c']), quiet)
  await expect.poll(() => versions(seen.asked), { timeout: 30_000 }).toEqual(['list', expect.stringContaining('watch'), 'list', 'watch 50']) // prettier-ignore
  expect(seen.lists).toEqual([['a'], ['a', 'b', 'c']])
  expect(seen.faults.filter((one) => one !== null)).toEqual([])
})

it('lists from the beginning if a page has expired', async () => {
  const seen = await watching(list('10', ['a'], 'page-2'), refuse(410, 'the continue token is too old'), list('12', ['a', 'b']), quiet) // prettier-ignore
  await expect
    .poll(() => versions(seen.asked), { timeout: 30_000 })
    .toEqual(['list', 'list page-2', 'list', 'watch 12'])
  expect(seen.lists).toEqual([['a', 'b']])
})

it('reads an event again if its line was cut off, and reports a server that is not Kubernetes', async () => {
  const cut = event('ADDED', object('b', '11')).slice(0, 20)
  const html: Reply = (response) => void response.writeHead(502).end('<html>bad gateway</html>')
  const seen = await watching(list('10', []), stream(cut), html, stream(event('ADDED', object('b', '11'))))
  await expect.poll(() => seen.changes, { timeout: 30_000 }).toEqual(['b'])
  expect(versions(seen.asked).slice(0, 4)).toEqual(['list', 'watch 10', 'watch 10', 'watch 10'])
  expect(seen.faults).toContain(`GET ${PATH}: 502 <html>bad gateway</html>`)
})

it('names the fields missing from an answer', async () => {
  const seen = await watching((response) => response.end('{"items":[]}'))
  await expect.poll(() => seen.faults.join(), { timeout: 30_000 }).toContain('metadata')
})
