import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { ask, askPrivate } from './client.ts'
import type { PrivateServer } from './client.ts'
import type { LokiOptions } from './local/loki.ts'

/** Lines of one stream; times in ms since the epoch. */
export type LogStream = { labels: Record<string, string>; lines: { ms: number; line: string }[] }

export type Loki = {
  url: string
  /** Value for `X-Scope-OrgID`; tenants cannot read each other's lines. */
  tenant: string
  /** Writes lines of any age, and returns once queries see them. */
  push(streams: LogStream[]): Promise<void>
}

async function call(url: string, tenant: string, method: 'GET' | 'POST', body?: unknown): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', 'x-scope-orgid': tenant },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  return response
}

/** True once a query sees the newest line of the stream. */
async function sees(url: string, tenant: string, { labels, lines }: LogStream): Promise<boolean> {
  const newest = Math.max(...lines.map(({ ms }) => ms))
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`)
  const query = new URLSearchParams({
    query: `{${selector.join(',')}}`,
    start: `${newest}000000`,
    end: `${newest + 1}000000`,
    limit: '1',
  })
  const response = await call(`${url}/loki/api/v1/query_range?${query}`, tenant, 'GET')
  const { data } = (await response.json()) as { data: { result: unknown[] } }
  return data.result.length > 0
}

/** Writes streams and flushes Loki: lines older than a few hours are not visible before. */
export async function pushLogs(url: string, tenant: string, streams: LogStream[]): Promise<void> {
  const body = streams.map(({ labels, lines }) => ({
    stream: labels,
    values: lines.map(({ ms, line }) => [`${ms}000000`, line]),
  }))
  await call(`${url}/loki/api/v1/push`, tenant, 'POST', { streams: body })
  await call(`${url}/flush`, tenant, 'POST')
  const deadline = Date.now() + 60_000
  for (const stream of streams.filter(({ lines }) => lines.length > 0))
    while (!(await sees(url, tenant, stream))) {
      if (Date.now() > deadline) throw new Error(`${url} does not show the lines of ${JSON.stringify(stream.labels)}`)
      await wait(100)
    }
}

/** The shared Loki of a test run, under the caller's own tenant. */
export async function loki(): Promise<Loki> {
  const { url } = await ask<{ url: string }>('shared/loki')
  const tenant = randomUUID()
  return { url, tenant, push: (streams) => pushLogs(url, tenant, streams) }
}

/** A private Loki, which can be stopped and restarted, or run without tenants. */
export const startPrivateLoki = (options: LokiOptions = {}): Promise<PrivateServer<{ url: string }>> =>
  askPrivate('loki', options)
