/** GET requests to a Kubernetes API server, with the access of a kubeconfig or of the pod's service account. */
import { type Cluster as Given, HttpMethod, type KubeConfig, RequestContext } from '@kubernetes/client-node'
import { fetch } from 'undici'
import { lines } from './lines.ts'

export interface Cluster {
  /** Throws `ClusterError` unless the server answers 200. */
  get(path: string, query: Query, signal: AbortSignal): Promise<unknown>
  /** The documents of a watch, until the server ends it. */
  watch(path: string, query: Query, signal: AbortSignal): AsyncIterable<unknown>
}

export type Query = Readonly<Record<string, string | number | undefined>>

export class ClusterError extends Error {
  override readonly name = 'ClusterError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** An answer without end must not fill the memory; the largest object etcd takes is 1.5 MiB. */
const LONGEST_LINE = 8 * 1024 * 1024

export function clusterOf(config: KubeConfig): Cluster {
  const { server } = config.getCurrentCluster() as Given
  const ask = async (path: string, query: Query, signal: AbortSignal) => {
    const url = new URL(`${server.endsWith('/') ? server.slice(0, -1) : server}${path}`)
    for (const [name, value] of Object.entries(query))
      if (value !== undefined) url.searchParams.set(name, String(value))
    const access = new RequestContext(url.href, HttpMethod.GET)
    await config.applySecurityAuthentication(access)
    const headers = { ...access.getHeaders(), accept: 'application/json' }
    const dispatcher = access.getDispatcher()
    const response = await fetch(url, { headers, signal, ...(dispatcher === undefined ? {} : { dispatcher }) })
    if (response.status === 200 && response.body !== null) return { response, body: response.body }
    throw new ClusterError(response.status, `GET ${path}: ${response.status} ${messageIn(await response.text())}`)
  }
  return {
    get: async (path, query, signal) => (await ask(path, query, signal)).response.json(),
    async *watch(path, query, signal) {
      const { body } = await ask(path, { ...query, watch: 'true' }, signal)
      for await (const line of lines(body, LONGEST_LINE)) yield JSON.parse(line)
    },
  }
}

/** The message of a Kubernetes `Status`, or the beginning of any other answer. */
function messageIn(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown }
    if (typeof message === 'string') return message.slice(0, 500)
  } catch {
    // not a Kubernetes API server
  }
  return text.slice(0, 200)
}
