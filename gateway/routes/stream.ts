/** Server-sent events of one session: from the beginning or after `Last-Event-ID`, then live, until the session is over. */
import { Readable } from 'node:stream'
import { notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { findSession } from '../views/sessions.ts'
import { followSession } from './session-frames.ts'

const running = new Set(['processing', 'awaiting_approval', 'acting'])

export const streamSessionEvents =
  (gateway: Gateway): Handler<'streamSessionEvents'> =>
  async ({ params, headers, language, reply }, caller) => {
    const { pool, watch, streams, heartbeatMs } = gateway
    if ((await findSession(pool, caller.tenant, params.session_id)) === null) throw notFound('session')
    const release = streams.take(caller)
    const gone = new AbortController()
    // the stream ends when its token expires; the client resumes with a new one
    const expiry = setTimeout(end, Math.min(Math.max(caller.expiresAt - gateway.now(), 0), 2 ** 31 - 1))
    const signal = AbortSignal.any([gone.signal, gateway.closing])
    const watcher = watch.watch(params.session_id)
    const { session_id: sessionId } = params
    const isOver = async () => !running.has((await findSession(pool, caller.tenant, sessionId))?.status ?? 'processing')
    const after = headers['last-event-id']
    const follow = { pool, watcher, signal, language, heartbeatMs, tenant: caller.tenant, sessionId, isOver, after }
    const stream = Readable.from(followSession(follow))

    /** Frees the place at once, even if the client reads nothing and the connection is still open. */
    function end(): void {
      gone.abort()
      clearTimeout(expiry)
      watcher.close()
      release()
    }
    reply.raw.once('close', end)
    // a client that left during the lookup triggers no close event any more
    if (reply.raw.destroyed) end()
    // no write succeeded for three heartbeats: the client is not reading
    reply.raw.setTimeout(3 * heartbeatMs, () => reply.raw.destroy())
    reply.type('text/event-stream').headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    // the document types the body as text; this streams it
    return { status: 200, body: stream as unknown as string }
  }
