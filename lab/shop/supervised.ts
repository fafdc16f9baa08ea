/** The child's side of the supervisor: receives addresses over IPC, and ends with its parent. */
import { z } from 'zod'

const endpointsMessage = z.object({
  type: z.literal('endpoints'),
  endpoints: z.record(z.string(), z.array(z.string())),
})

/** The address of a replica of each service, in turn; the supervisor updates them. */
export function receiveEndpoints(): (service: string) => string | undefined {
  let endpoints: Readonly<Record<string, readonly string[]>> = {}
  let turn = 0
  process.on('message', (message) => {
    const parsed = endpointsMessage.safeParse(message)
    if (parsed.success) endpoints = parsed.data.endpoints
  })
  return (service) => {
    const addresses = endpoints[service] ?? []
    return addresses[turn++ % addresses.length]
  }
}

/** Ends on SIGTERM, and when the supervisor is gone, even by SIGKILL, so that no orphan keeps serving. */
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
  process.on('SIGINT', () => {}) // the terminal sends it to the whole process group; the supervisor decides
  process.on('disconnect', end)
}
