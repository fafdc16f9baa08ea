/** An answer that stays open, such as an event stream or one that waits: it takes one of the caller's places, and ends when its token expires. */
import type { FastifyReply } from 'fastify'
import type { Caller } from '../auth/caller.ts'
import type { Gateway } from '../gateway.ts'

export interface HeldOpen {
  /** aborts when the client leaves, the token expires or the gateway closes */
  signal: AbortSignal
  /** Frees the place at once, even if the client reads nothing and the connection is still open. Idempotent. */
  end(): void
}

/** Throws `ApiError` if the caller, its tenant or the gateway has too many. */
export function holdOpen(
  { streams, closing, now }: Gateway,
  caller: Caller,
  reply: FastifyReply,
  onEnd: () => void = () => undefined,
): HeldOpen {
  const release = streams.take(caller)
  const gone = new AbortController()
  // the client resumes with a new token
  const expiry = setTimeout(end, Math.min(Math.max(caller.expiresAt - now(), 0), 2 ** 31 - 1))
  function end(): void {
    gone.abort()
    clearTimeout(expiry)
    onEnd()
    release()
  }
  reply.raw.once('close', end)
  // a client that left during a lookup triggers no close event any more
  if (reply.raw.destroyed) end()
  return { signal: AbortSignal.any([gone.signal, closing]), end }
}

/** Makes the answer an event stream, which has a heartbeat: if no write succeeded for three of them, the client is not reading. */
export function beStream({ heartbeatMs }: Gateway, reply: FastifyReply): void {
  reply.raw.setTimeout(3 * heartbeatMs, () => reply.raw.destroy())
  reply.type('text/event-stream').headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
}
