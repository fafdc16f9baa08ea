/** Server-sent events of one session: from the beginning or after `Last-Event-ID`, then live, until the session is over. */
import { Readable } from 'node:stream'
import { notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { findSession } from '../views/sessions.ts'
import { beStream, holdOpen } from './hold-open.ts'
import { followSession } from './session-frames.ts'

const running = new Set(['processing', 'awaiting_approval', 'acting'])

export const streamSessionEvents =
  (gateway: Gateway): Handler<'streamSessionEvents'> =>
  async ({ params, headers, language, reply }, caller) => {
    const { pool, watch, heartbeatMs } = gateway
    const { session_id: sessionId } = params
    if ((await findSession(pool, caller.tenant, sessionId)) === null) throw notFound('session')
    const watcher = watch.watch(sessionId)
    const { signal } = holdOpen(gateway, caller, reply, watcher.close)
    const isOver = async () => !running.has((await findSession(pool, caller.tenant, sessionId))?.status ?? 'processing')
    const after = headers['last-event-id']
    const follow = { pool, watcher, signal, language, heartbeatMs, tenant: caller.tenant, sessionId, isOver, after }
    const stream = Readable.from(followSession(follow))
    beStream(gateway, reply)
    // the document types the body as text; this streams it
    return { status: 200, body: stream as unknown as string }
  }
