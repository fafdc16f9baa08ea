/** A lab that runs as another process, through its port: what a control-plane needs to manage the shop. */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { LAB_ERROR_CODES, LabError } from './lab-error.ts'

const service = z.object({
  name: z.string(),
  imageTag: z.string(),
  replicas: z.int(),
  startedAt: z.number(),
  dependsOn: z.array(z.string()),
})
const bounds = z.object({ min: z.number(), max: z.number() })
const shop = z.object({
  services: z.array(service),
  releases: z.record(z.string(), z.array(z.string())),
  mostReplicas: z.int(),
  scripts: z.record(z.string(), z.object({ service: z.string(), parameters: z.record(z.string(), bounds) })),
})
const sample = z.object({ time: z.number(), service: z.string(), indicator: z.string(), value: z.number() })
const change = z.object({
  ...{ id: z.string(), at: z.number(), type: z.string(), service: z.string(), summary: z.string() },
  ...{ before: z.unknown(), after: z.unknown() },
})
const round = z.object({ services: z.array(service), samples: z.array(sample), changes: z.array(change).default([]) })
const printed = z.object({ printed: z.string() })
const refusal = z.object({ error: z.string(), code: z.enum(LAB_ERROR_CODES).optional() })

export type RemoteService = z.infer<typeof service>
export type RemoteSample = z.infer<typeof sample>
export type RemoteChange = z.infer<typeof change>

export interface RemoteLab extends Omit<z.infer<typeof shop>, 'services'> {
  /** as of the last round */
  services(): readonly RemoteService[]
  deploy(service: string, imageTag: string): Promise<void>
  restart(service: string): Promise<void>
  scale(service: string, replicas: number): Promise<void>
  runScript(name: string, parameters: Readonly<Record<string, string>>): Promise<string>
  onSamples(listener: (samples: readonly RemoteSample[]) => void): () => void
  /** also called with the newest changes made before; returns an unsubscribe function */
  onChange(listener: (change: RemoteChange) => void): () => void
  /** why the lab cannot be followed; null: it can */
  unhealthy(): string | null
  close(): Promise<void>
}

export interface RemoteLabOptions {
  /** base URL of its port */
  url: string
  token: string
  /** ms without a round after which the connection counts as lost; default 20,000 */
  silenceMs?: number
}

const ANSWER_MS = 10_000
/** A deployment waits for processes to start. */
const CHANGE_MS = 5 * 60_000
const AGAIN_MS = 1_000

/** Throws `LabError` `unreachable` if there is no lab. A connection lost later is reopened. */
export async function connectLab({ url, token, silenceMs = 20_000 }: RemoteLabOptions): Promise<RemoteLab> {
  const base = url.endsWith('/') ? url : `${url}/`
  const listeners = new Set<(samples: readonly RemoteSample[]) => void>()
  const told = tellEach<RemoteChange>()
  const closing = new AbortController()
  const { services: first, ...offered } = await ask(shop, new URL('services', base), ANSWER_MS)
  let services = first
  let failure: string | null = null

  async function follow(): Promise<void> {
    const silent = new AbortController()
    const timer = setTimeout(() => silent.abort(new Error(`nothing for ${silenceMs / 1000} s`)), silenceMs)
    try {
      const signal = AbortSignal.any([silent.signal, closing.signal])
      const response = await fetch(new URL('watch', base), { signal })
      if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`)
      for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
        timer.refresh()
        const { services: now, samples, changes } = round.parse(JSON.parse(line))
        ;[services, failure] = [now, null]
        for (const listener of listeners) listener(samples)
        told.news(changes)
      }
      throw new Error('ended the connection')
    } finally {
      clearTimeout(timer)
    }
  }
  async function followUntilClosed(): Promise<void> {
    while (!closing.signal.aborted) {
      await follow().catch((error: unknown) => {
        failure = `the lab at ${base}: ${wordsOf(error)}`
      })
      await delay(AGAIN_MS, undefined, { signal: closing.signal }).catch(() => undefined)
    }
  }
  const following = followUntilClosed()

  async function carryOut<T>(answer: z.ZodType<T>, method: 'PUT' | 'POST', path: string, body?: object): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return ask(answer, new URL(path, base), CHANGE_MS, { method, headers, body: JSON.stringify(body ?? {}) })
  }
  const changeService = async (method: 'PUT' | 'POST', name: string, operation: string, body?: object) => {
    const path = `services/${encodeURIComponent(name)}${operation}`
    services = (await carryOut(shop, method, path, body)).services
  }
  return {
    ...offered,
    services: () => services,
    deploy: (name, imageTag) => changeService('PUT', name, '', { image_tag: imageTag }),
    scale: (name, replicas) => changeService('PUT', name, '', { replicas }),
    restart: (name) => changeService('POST', name, '/restart'),
    runScript: async (name, parameters) =>
      (await carryOut(printed, 'POST', `scripts/${encodeURIComponent(name)}`, parameters)).printed,
    onSamples: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    onChange: told.listen,
    unhealthy: () => failure,
    close: async () => {
      closing.abort()
      await following
    },
  }
}

/** Tells every listener each item once, also what came before it listened. */
function tellEach<T extends { id: string }>() {
  const listeners = new Set<(item: T) => void>()
  let known: readonly T[] = []
  return {
    news: (items: readonly T[]) => {
      const fresh = items.filter(({ id }) => !known.some((one) => one.id === id))
      known = items
      for (const listener of listeners) fresh.forEach((item) => listener(item))
    },
    listen: (listener: (item: T) => void) => {
      known.forEach((item) => listener(item))
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** One answer. Throws the lab's own error, or `LabError` `unreachable`. */
async function ask<T>(answer: z.ZodType<T>, url: URL, limitMs: number, request: RequestInit = {}): Promise<T> {
  const unreachable = (why: string, cause?: unknown) =>
    new LabError('unreachable', `the lab at ${url.origin} ${why}`, { cause })
  const response = await fetch(url, { ...request, signal: AbortSignal.timeout(limitMs) }).catch((error: unknown) => {
    throw unreachable(`cannot be reached: ${wordsOf(error)}`, error)
  })
  const body: unknown = await response.json().catch(() => null)
  const [good, bad] = [answer.safeParse(body), refusal.safeParse(body)]
  if (response.ok && good.success) return good.data
  if (bad.success && bad.data.code !== undefined) throw new LabError(bad.data.code, bad.data.error)
  throw unreachable(`answered ${response.status}${bad.success ? `: ${bad.data.error}` : ''}`)
}

const wordsOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
