import { setTimeout as wait } from 'node:timers/promises'
import { ask } from './client.ts'

/** A span in Zipkin's v2 format; times in µs. */
export type ZipkinSpan = {
  traceId: string
  id: string
  parentId?: string
  name: string
  kind?: 'CLIENT' | 'SERVER' | 'PRODUCER' | 'CONSUMER'
  timestamp?: number
  duration?: number
  shared?: boolean
  localEndpoint: { serviceName: string }
  remoteEndpoint?: { serviceName: string }
  tags?: Record<string, string>
}

export type Zipkin = {
  url: string
  /** Writes spans of any age, and returns once their traces are readable. The server is shared: use unique service names. */
  push(spans: ZipkinSpan[]): Promise<void>
}

const pageSize = 1000

async function push(url: string, spans: ZipkinSpan[]): Promise<void> {
  for (let from = 0; from < spans.length; from += pageSize) {
    const body = JSON.stringify(spans.slice(from, from + pageSize))
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${url}/api/v2/spans`, { method: 'POST', headers, body })
    if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`)
  }
  // Zipkin processes them in order.
  const last = spans.at(-1)
  const deadline = Date.now() + 30_000
  while (last !== undefined) {
    const response = await fetch(`${url}/api/v2/trace/${last.traceId}`)
    if (response.ok && JSON.stringify(await response.json()).includes(`"${last.id}"`)) return
    if (Date.now() > deadline) throw new Error(`${url} does not show the trace ${last.traceId}`)
    await wait(50)
  }
}

/** The shared Zipkin of a test run. */
export async function zipkin(): Promise<Zipkin> {
  const { url } = await ask<{ url: string }>('shared/zipkin')
  return { url, push: (spans) => push(url, spans) }
}
