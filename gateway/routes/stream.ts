/** Server-sent events of one session: from the beginning or after `Last-Event-ID`, then as they are folded, until the session is over. */
import { Readable } from 'node:stream'
import { ApiError, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { refusals } from '../present/texts.ts'
import { findSession } from '../views/sessions.ts'
import { followSession } from './session-frames.ts'

const running = new Set(['processing', 'awaiting_approval', 'acting'])

export const streamSessionEvents =
  (gateway: Gateway): Handler<'streamSessionEvents'> =>
  async ({ params, headers, language, reply }, caller) => {
    const { pool, watch, streams, limits } = gateway
    if ((await findSession(pool, caller.tenant, params.session_id)) === null) throw notFound('session')
    if (streams.size >= limits.streams)
      throw new ApiError('SYSTEM_OVERLOADED', refusals.tooManyStreams, { headers: { 'retry-after': '5' } })
    const gone = new AbortController()
    // what a token may see ends with it: the client resumes with a fresh one
    const expiry = setTimeout(() => gone.abort(), Math.min(Math.max(caller.expiresAt - gateway.now(), 0), 2 ** 31 - 1))
    const signal = AbortSignal.any([gone.signal, gateway.closing])
    const watcher = watch.watch(params.session_id)
    const { session_id: sessionId } = params
    const isOver = async () => !running.has((await findSession(pool, caller.tenant, sessionId))?.status ?? 'processing')
    const after = headers['last-event-id']
    const stream = Readable.from(followSession({ pool, watcher, signal, language, sessionId, isOver, after }))
    reply.raw.once('close', () => {
      gone.abort()
      clearTimeout(expiry)
      watcher.close()
      streams.delete(stream)
    })
    streams.add(stream)
    reply.type('text/event-stream').headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
    // the document types the body as text; the stream is that text as it comes
    return { status: 200, body: stream as unknown as string }
  }
