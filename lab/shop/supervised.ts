/** The child's side of the supervisor: it learns addresses over IPC, and never outlives its parent. */
import { z } from 'zod'

const endpointsMessage = z.object({ type: z.literal('endpoints'), endpoints: z.record(z.string(), z.string()) })

/** Where each service answers now; kept current by the supervisor. */
export function receiveEndpoints(): (service: string) => string | undefined {
  let endpoints: Readonly<Record<string, string>> = {}
  process.on('message', (message) => {
    const parsed = endpointsMessage.safeParse(message)
    if (parsed.success) endpoints = parsed.data.endpoints
  })
  return (service) => endpoints[service]
}

/** Ends on SIGTERM and when the supervisor is gone, even by SIGKILL: no orphan keeps serving. */
export function endWithParent(close: () => PromiseLike<unknown>): void {
  let ending = false
  const end = () => {
    if (ending) return
    ending = true
    setTimeout(() => process.exit(0), 3_000).unref()
    void close().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', () => {}) // the terminal sends it to the whole group; the supervisor decides
  process.on('disconnect', end)
}
