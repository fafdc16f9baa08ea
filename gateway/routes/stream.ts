/** Server-sent events of one session: from the beginning or after `Last-Event-ID`, then as they are folded, until the session is over. */
import { Readable } from 'node:stream'
import type { Pool } from 'pg'
import { ApiError, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { presentEvent } from '../present/events.ts'
import type { Language } from '../present/language.ts'
import { findSession } from '../views/sessions.ts'
import type { SessionWatcher } from '../views/session-watch.ts'

const heartbeatMs = 15_000
const batch = 500
const running = new Set(['processing', 'awaiting_approval', 'acting'])

export const streamSessionEvents =
  (gateway: Gateway): Handler<'streamSessionEvents'> =>
  async ({ params, headers, language, reply }, caller) => {
    const { pool, watch, streams, limits } = gateway
    if ((await findSession(pool, caller.tenant, params.session_id)) === null) throw notFound('session')
    if (streams.size >= limits.streams)
      throw new ApiError('SYSTEM_OVERLOADED', 'too many event streams are open', { headers: { 'retry-after': '5' } })
    const gone = new AbortController()
    // what a token may see ends with it: the client resumes with a fresh one
    const expiry = setTimeout(() => gone.abort(), Math.min(Math.max(caller.expiresAt - gateway.now(), 0), 2 ** 31 - 1))
    const signal = AbortSignal.any([gone.signal, gateway.closing])
    const watcher = watch.watch(params.session_id)
    const stream = Readable.from(
      follow({
        pool,
        watcher,
        signal,
        language,
        tenant: caller.tenant,
        sessionId: params.session_id,
        after: headers['last-event-id'],
      }),
    )
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

interface Follow {
  pool: Pool
  watcher: SessionWatcher
  signal: AbortSignal
  language: Language
  tenant: string
  sessionId: string
  after: string | undefined
}

interface EventRow {
  position: string
  event_id: string
  event: string
  body: unknown
}

async function* follow({ pool, watcher, signal, language, tenant, sessionId, after }: Follow): AsyncGenerator<string> {
  const seen = await cursorOf(pool, sessionId, after)
  let position = seen?.position ?? '0'
  yield ': connected\n\n'
  while (!signal.aborted) {
    // asked before the events, so that the last of them are not missed
    const status = (await findSession(pool, tenant, sessionId))?.status ?? 'processing'
    for (;;) {
      const rows = await eventsAfter(pool, sessionId, position)
      for (const row of rows) {
        const first = row.event_id === seen?.eventId ? seen.index + 1 : 0
        const frames = framesOf(row, language).slice(first).join('')
        if (frames !== '') yield frames
        position = row.position
      }
      if (rows.length < batch) break
    }
    if (!running.has(status)) return
    await watcher.changed(heartbeatMs, signal)
    yield ': still here\n\n'
  }
}

const framesOf = (row: EventRow, language: Language): string[] =>
  presentEvent(row.event, row.body, language).map(
    ({ name, data }, index) => `id: ${row.event_id}/${index}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
  )

/** Where a client stands: just before the event it saw last, of which it has seen frames up to `index`. Unknown: at the beginning. */
async function cursorOf(pool: Pool, sessionId: string, after: string | undefined) {
  const [, eventId, index] = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/(\d{1,4})$/.exec(after ?? '') ?? []
  if (eventId === undefined) return null
  const { rows } = await pool.query<{ position: string }>(
    'SELECT position - 1 AS position FROM gateway.session_events WHERE event_id = $1::uuid AND session_id = $2',
    [eventId, sessionId],
  )
  return rows[0] === undefined ? null : { eventId, index: Number(index), position: rows[0].position }
}

async function eventsAfter(pool: Pool, sessionId: string, position: string): Promise<EventRow[]> {
  const { rows } = await pool.query<EventRow>(
    `SELECT position, event_id, event, body FROM gateway.session_events
     WHERE session_id = $1 AND position > $2 ORDER BY position LIMIT ${batch}`,
    [sessionId, position],
  )
  return rows
}
