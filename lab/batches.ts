/** Sends a source's items in batches, oldest first, one after the other. */
import pRetry from 'p-retry'

export interface Shipper {
  /** sends what remains, then ends */
  close(): Promise<void>
  /** why the last batch was not sent, or null */
  failure(): string | null
}

export interface BatchOptions<T> {
  /** subscribes to the source; returns an unsubscribe function */
  listen(take: (item: T) => void): () => void
  send(items: readonly T[]): Promise<void>
  everyMs: number
  /** called when a batch was lost, once while the reason stays the same */
  onFailure?(why: string): void
}

/** Ships until closed. A batch that cannot be sent is lost, and `failure` says why. */
export function shipInBatches<T>({ listen, send, everyMs, onFailure }: BatchOptions<T>): Shipper {
  const waiting: T[] = []
  let failure: string | null = null
  let sending: Promise<void> = Promise.resolve()
  const leave = listen((item) => void waiting.push(item))
  const flush = () => {
    const items = waiting.splice(0)
    if (items.length === 0) return
    sending = sending.then(() =>
      send(items).then(
        () => {
          failure = null
        },
        (error: unknown) => {
          const why = error instanceof Error ? error.message : String(error)
          if (why !== failure) onFailure?.(why)
          failure = why
        },
      ),
    )
  }
  const timer = setInterval(flush, everyMs)
  return {
    failure: () => failure,
    close: async () => {
      leave()
      clearInterval(timer)
      flush()
      await sending
    },
  }
}

export interface Push {
  /** the receiver's name, for errors */
  to: string
  url: URL
  headers?: Record<string, string>
  body: unknown
}

/** Posts JSON. Retries 429, 5xx and timeouts; throws the receiver's error. */
export async function push({ to, url, headers = {}, body }: Push): Promise<void> {
  const text = JSON.stringify(body)
  await pRetry(
    async () => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: text,
        signal: AbortSignal.timeout(5_000),
      })
      if (response.ok) return
      throw new Error(`${to} answered ${response.status}: ${await response.text()}`, { cause: response.status })
    },
    { retries: 4, minTimeout: 250, shouldRetry: ({ error }) => mayPass(error.cause) },
  )
}

const mayPass = (status: unknown): boolean => typeof status !== 'number' || status === 429 || status >= 500
