/** A simulated shop process: a release's code, counters and log lines with a given clock and random numbers. */
import { Counter, Gauge, Registry } from 'prom-client'
import { parseScrape, type Scrape } from '../exposition.ts'
import type { CallOptions, Call } from '../shop/dependencies.ts'
import type { Handler, ShopReply, ShopRoutes } from '../shop/routes.ts'
import type { Kind } from '../releases.ts'
import type { SomeConditions } from '../shop/conditions.ts'
import { equip } from '../shop/equipment.ts'
import type { Host, Volume } from '../shop/host.ts'
import { answerFailure, countRequests, createShopLog, type Release } from '../shop/service.ts'
import type { Surroundings } from '../shop/surroundings.ts'

export interface ReplayedService {
  answer(path: string, options: Omit<CallOptions, 'timeoutMs'>): Promise<{ status: number; body: unknown }>
  scrape(): Promise<Scrape>
  disturb(conditions: SomeConditions): void
  /** bytes */
  memory(): number
  close(): void
}

export interface ReplayedOptions {
  service: string
  release: Release
  surroundings: Surroundings
  kind: Kind
  /** kept when the process is replaced; null: the service has none */
  volume: Volume | null
  setting(name: string): number
  call: Call
  onLine(line: string): void
  /** runs before a request reaches the release; may wait or throw */
  disturbance(): Promise<void>
}

interface Usage extends Omit<Host, 'volume'> {
  /** CPU time of a request, in s */
  spend(seconds: number): void
  /** ms until it has computed what it was to compute */
  busyMs(): number
  memory(): number
  /** call before a scrape */
  look(): void
}

interface Route {
  method: string
  url: string
  handler: Handler
}

/** A request's own time in ms, and its CPU time in s. */
const [LEAST_MS, SPREAD_MS] = [0.5, 1.5]
const [REQUEST_CPU, IDLE_CPU] = [0.0012, 0.004]
const MEMORY = 62e6

export function startReplayed(options: ReplayedOptions): ReplayedService {
  const { service, release, surroundings, kind, volume, setting, call, onLine, disturbance } = options
  const log = createShopLog(service, surroundings, { write: onLine })
  const registry = new Registry()
  const answered = countRequests(registry)
  const usage = measureUsage(registry, surroundings)
  const host = { ...usage, volume }
  const equipment = equip({ ...{ service, surroundings, registry, host }, store: kind.store })
  const { routes, app, close } = collectRoutes()
  release(app, { log, call, surroundings, setting, ...equipment })

  const answer: ReplayedService['answer'] = async (path, { method = 'GET', body, trace }) => {
    const began = surroundings.now()
    const [name = '', query = ''] = path.split('?')
    const [route, params] = found(routes, method, name)
    if (route === undefined) return { status: 404, body: { message: `no route ${path}` } }
    const request = { method, params, query: Object.fromEntries(new URLSearchParams(query)), body, headers: { traceparent: trace }, routeOptions: { url: route.url } } // prettier-ignore
    const { reply, sent } = createReply()
    try {
      equipment.onRequest()
      await surroundings.wait(LEAST_MS + SPREAD_MS * surroundings.random() + usage.busyMs())
      await disturbance()
      const returned = await route.handler(request, reply)
      if (returned !== reply) reply.send(returned)
    } catch (error) {
      answerFailure(log, error, request, reply)
    }
    usage.spend(REQUEST_CPU * (0.7 + 0.6 * surroundings.random()))
    answered(method, route.url, sent.status, (surroundings.now() - began) / 1_000)
    return sent
  }
  return {
    ...{ answer, disturb: equipment.disturb, memory: usage.memory },
    close: () => {
      equipment.close()
      close()
    },
    scrape: async () => {
      usage.look()
      return parseScrape(await registry.metrics())
    },
  }
}

function collectRoutes() {
  const routes: Route[] = []
  const closing: (() => void)[] = []
  const add = (method: string) => (url: string, handler: Handler) => routes.push({ method, url, handler })
  const app: ShopRoutes = {
    get: add('GET'),
    post: add('POST'),
    delete: add('DELETE'),
    addHook: (_name, work) => closing.push(work),
  }
  return { routes, app, close: () => closing.forEach((work) => work()) }
}

function found(routes: readonly Route[], method: string, path: string): [Route?, Record<string, string>?] {
  for (const route of routes) {
    const params = route.method === method ? paramsOf(route.url, path) : null
    if (params !== null) return [route, params]
  }
  return []
}

/** Parameters of a path pattern such as `/carts/:customer`; null: no match. */
function paramsOf(url: string, path: string): Record<string, string> | null {
  const [names, parts] = [url.split('/'), path.split('/')]
  const fits = (name: string, part: string): boolean => (name.startsWith(':') ? part !== '' : name === part)
  if (names.length !== parts.length || !names.every((name, index) => fits(name, parts[index]!))) return null
  return Object.fromEntries(names.flatMap((name, index) => (name.startsWith(':') ? [[name.slice(1), decodeURIComponent(parts[index]!)]] : []))) // prettier-ignore
}

function createReply() {
  const sent: { status: number; body: unknown } = { status: 200, body: null }
  const reply: ShopReply = {
    code: (status) => {
      sent.status = status
      return reply
    },
    send: (body) => {
      sent.body = body
      return reply
    },
  }
  return { reply, sent }
}

/** Memory and processor of a simulated process, measured under the names of a real one. */
function measureUsage(registry: Registry, { now, random }: Surroundings): Usage {
  const registers = [registry]
  const cpu = new Counter({ name: 'process_cpu_seconds_total', help: 'CPU time', registers })
  const memory = new Gauge({ name: 'process_resident_memory_bytes', help: 'Resident memory', registers })
  let looked = now()
  let held = 0
  let busyUntil = now()
  return {
    hold: (bytes) => {
      held += bytes
    },
    compute: (ms) => {
      cpu.inc(ms / 1_000)
      busyUntil = Math.max(busyUntil, now()) + ms
    },
    busyMs: () => Math.max(0, busyUntil - now()),
    memory: () => MEMORY + held,
    spend: (seconds) => cpu.inc(seconds),
    look: () => {
      cpu.inc((IDLE_CPU * (0.8 + 0.4 * random()) * (now() - looked)) / 1_000)
      looked = now()
      memory.set(MEMORY * (0.98 + 0.04 * random()) + held)
    },
  }
}
