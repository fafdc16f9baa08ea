/** Server-sent events of one session: from the beginning or after `Last-Event-ID`, then as they are folded, until the session is over. */
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
    // what a token may see ends with it: the client resumes with a fresh one
    const expiry = setTimeout(end, Math.min(Math.max(caller.expiresAt - gateway.now(), 0), 2 ** 31 - 1))
    const signal = AbortSignal.any([gone.signal, gateway.closing])
    const watcher = watch.watch(params.session_id)
    const { session_id: sessionId } = params
    const isOver = async () => !running.has((await findSession(pool, caller.tenant, sessionId))?.status ?? 'processing')
    const after = headers['last-event-id']
    const follow = { pool, watcher, signal, language, heartbeatMs, tenant: caller.tenant, sessionId, isOver, after }
    const stream = Readable.from(followSession(follow))

    /** Gives the place back at once, also where the reader takes nothing and the connection has not ended yet. */
    function end(): void {
      gone.abort()
      clearTimeout(expiry)
      watcher.close()
      release()
    }
    reply.raw.once('close', end)
    // who went away while the session was looked for is not heard of again
    if (reply.raw.destroyed) end()
    // what is written goes nowhere, or there would have been a heartbeat
    reply.raw.setTimeout(3 * heartbeatMs, () => reply.raw.destroy())
    reply.type('text/event-stream').headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    // the document types the body as text; the stream is that text as it comes
    return { status: 200, body: stream as unknown as string }
  }
