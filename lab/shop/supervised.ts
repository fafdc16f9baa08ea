/** The child's side of the supervisor: receives addresses and other news over IPC, and ends with its parent. */
import { z } from 'zod'
import type { Settings } from '../releases.ts'
import { type SomeConditions, someConditions } from './conditions.ts'

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

const anyNews = z.discriminatedUnion('type', [
  z.object({ type: z.literal('settings'), settings: z.record(z.string(), z.number()) }),
  z.object({ type: z.literal('disturb'), conditions: someConditions }),
  z.object({ type: z.literal('crowd'), times: z.number().positive() }),
])

export interface News {
  settings?(settings: Settings): void
  disturb?(conditions: SomeConditions): void
  /** so many times the usual customers */
  crowd?(times: number): void
}

/** Calls the function for each kind of news. */
export function receive({ settings, disturb, crowd }: News): void {
  process.on('message', (message) => {
    const { data: news } = anyNews.safeParse(message)
    if (news?.type === 'settings') settings?.(news.settings)
    if (news?.type === 'disturb') disturb?.(news.conditions)
    if (news?.type === 'crowd') crowd?.(news.times)
  })
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
