import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/**
 * Closes connections in order when the app closes: `begin` tells streams to end, running requests get `graceMs`, then every connection is closed, so
 * that an idle client never holds the process.
 */
export function drainOnClose(app: FastifyInstance, { begin, graceMs }: { begin(): void; graceMs: number }): void {
  let answering = 0
  let drained: (() => void) | undefined
  app.addHook('onRequest', async (_request, reply) => {
    answering++
    // also when the client disconnected before the response was finished
    reply.raw.once('close', () => {
      answering--
      if (answering === 0) drained?.()
    })
  })
  app.addHook('preClose', async () => {
    begin()
    const empty = new Promise<void>((resolve) => (drained = resolve))
    if (answering > 0) await Promise.race([empty, sleep(graceMs, undefined, { ref: false })])
    app.server.closeAllConnections()
  })
}
