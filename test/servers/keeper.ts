// One process per test run. It starts a server when a test first asks for it, and stops exactly those at the end. It listens on loopback under a
// random path and lives as long as its standard input is open: however the run ends, the pipe closes and the servers stop.
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { kinds } from './kinds.ts'
import { provide } from './provide.ts'
import type { Instance } from './server.ts'

const token = randomUUID()
const root = mkdtempSync(join(tmpdir(), 'sre-test-servers-'))
// A server that runs under its own account must reach its folder in here.
chmodSync(root, 0o711)

const shared = new Map<string, Promise<unknown>>()
const instances = new Map<string, Instance>()
const starting = new Set<Promise<unknown>>()

async function start(kind: string, options: unknown) {
  const server = kinds[kind]
  if (!server) throw new Error(`No such server: ${kind}`)
  const id = randomUUID()
  const folder = join(root, `${kind}-${id.slice(0, 8)}`)
  mkdirSync(folder)
  const { address, instance } = await provide(server, { folder, options })
  instances.set(id, instance)
  return { id, address, pid: instance.pid }
}

function share(kind: string): Promise<unknown> {
  const given = kinds[kind]?.given?.(process.env)
  if (given) return Promise.resolve(given)
  const known = shared.get(kind) ?? start(kind, undefined).then(({ address }) => address)
  shared.set(kind, known)
  return known
}

async function tell(id: string, verb: string): Promise<number | null> {
  const instance = instances.get(id)
  if (!instance) throw new Error(`No such instance: ${id}`)
  if (verb !== 'stop' && verb !== 'kill' && verb !== 'start' && verb !== 'suspend' && verb !== 'resume')
    throw new Error(`No such verb: ${verb}`)
  await instance[verb]()
  return instance.pid
}

async function handle(request: IncomingMessage): Promise<unknown> {
  const [, key, what = '', name = '', verb = ''] = request.url?.split('/') ?? []
  if (key !== token) throw new Error('Not the keeper of this run')
  const options = (await json(request)) ?? undefined
  if (what === 'shared') return share(name)
  if (what === 'private') return start(name, options)
  if (what === 'instances') return tell(name, verb)
  throw new Error(`No such request: ${what}`)
}

const http = createServer((request, response) => {
  const work = handle(request)
  starting.add(work)
  work
    .then(
      (value) => ({ value: value ?? null }),
      (error: unknown) => ({ message: error instanceof Error ? error.message : String(error) }),
    )
    .then((answer) => response.end(JSON.stringify(answer)))
    .finally(() => starting.delete(work))
})
// Building or starting a server may take longer than Node's default timeout.
http.requestTimeout = 0

async function end(): Promise<void> {
  http.close()
  http.closeAllConnections()
  // Servers still starting are stopped once they have a handle.
  await Promise.allSettled(starting)
  await Promise.allSettled([...instances.values()].map((instance) => instance.stop()))
  rmSync(root, { recursive: true, force: true })
  process.exit(0)
}

process.stdin.resume().once('close', end)
process.once('SIGTERM', end)
http.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(http.address() as AddressInfo).port}/${token}`)
})
