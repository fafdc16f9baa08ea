/**
 * The frames of one session's event stream. Topics are not ordered relative to each other, so two things wait briefly for events that belong before
 * them: a result (for its progress and tool calls) and the end of the stream.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import { presentEvent } from '../present/events.ts'
import type { Language } from '../present/language.ts'
import type { SessionWatcher } from '../views/session-watch.ts'

const settleMs = 500
const batch = 500
/** events that never precede their session's result */
const afterResult = new Set([
  'ActionDeclined',
  'ApprovalRequested',
  'ApprovalCounted',
  'ApprovalClosed',
  'ActionCompleted',
])

export interface Follow {
  pool: Pool
  watcher: SessionWatcher
  signal: AbortSignal
  language: Language
  heartbeatMs: number
  /** the session's tenant; events of other tenants under this id are not shown */
  tenant: string
  sessionId: string
  isOver(): Promise<boolean>
  /** `Last-Event-ID` */
  after: string | undefined
}

interface EventRow {
  position: string
  event_id: string
  event: string
  body: unknown
}

/**
 * An id is `<event>/<frame>`, plus `~<event>` of a result that is held back: enough to resume without loss or repetition. A result that
 * was held back is sent under the id of the last frame before it.
 */
const cursorPattern = /^([0-9a-f-]{36})\/(\d{1,4})(?:~([0-9a-f-]{36}))?$/

export async function* followSession(follow: Follow): AsyncGenerator<string> {
  const { watcher, signal, language, heartbeatMs, isOver } = follow
  let { last, frame, held } = await resume(follow)
  let position = last === null ? '0' : String(BigInt(last.position) - 1n)
  let skip = last === null ? null : { eventId: last.event_id, frame }
  /** ms at which the last event arrived */
  let calmSince = performance.now()
  yield ': connected\n\n'

  function* release(row: EventRow): Generator<string> {
    held = null
    const texts = presentEvent(row.event, row.body, language)
    for (const text of texts) yield frameText(`${last?.event_id ?? row.event_id}/${frame}`, text)
  }

  while (!signal.aborted) {
    // checked before reading events, so that the last ones are not missed
    const over = await patiently(isOver, signal)
    if (over === null) return
    const before = position
    for (;;) {
      const rows = await patiently(() => eventsAfter(follow, position), signal)
      if (rows === null) return
      for (const row of rows) {
        position = row.position
        if (row.event === 'DiagnosisCompleted' && skip?.eventId !== row.event_id) {
          if (held !== null) yield* release(held)
          ;[last, frame, held] = [row, 0, row]
          continue
        }
        if (held !== null && afterResult.has(row.event)) yield* release(held)
        ;[last, frame] = [row, 0]
        const suffix = held === null ? '' : `~${held.event_id}`
        for (const [index, text] of presentEvent(row.event, row.body, language).entries()) {
          frame = index
          if (skip?.eventId !== row.event_id || index > skip.frame)
            yield frameText(`${row.event_id}/${index}${suffix}`, text)
        }
        skip = null
      }
      if (rows.length < batch) break
    }
    if (position !== before) calmSince = performance.now()
    const remaining = settleMs - (performance.now() - calmSince)
    if (remaining <= 0 && held !== null) yield* release(held)
    if (remaining <= 0 && over) return
    const settling = held !== null || over
    await watcher.changed(settling ? Math.max(remaining, 1) : heartbeatMs, signal)
    if (!settling) yield ': still here\n\n'
  }
}

/** Retries, so that a stream survives a minute without the database; null: aborted meanwhile. */
export async function patiently<T>(ask: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === 60) throw error
      await sleep(1000, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return null
    }
  }
}

const frameText = (id: string, { name, data }: { name: string; data: object }): string =>
  `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`

/** The client's position; an unknown id starts from the beginning. */
async function resume({ pool, tenant, sessionId, after }: Follow) {
  const [, lastId, frame, heldId] = cursorPattern.exec(after ?? '') ?? []
  const nothing = { last: null, frame: 0, held: null }
  if (lastId === undefined) return nothing as { last: EventRow | null; frame: number; held: EventRow | null }
  const { rows } = await pool.query<EventRow>(
    `SELECT position, event_id, event, body FROM gateway.session_events WHERE session_id = $1 AND event_id::text = ANY($2)
     AND tenant = $3`,
    [sessionId, [lastId, heldId], tenant],
  )
  const last = rows.find((row) => row.event_id === lastId) ?? null
  const held = rows.find((row) => row.event_id === heldId) ?? null
  return last === null ? nothing : { last, frame: Number(frame), held }
}

async function eventsAfter({ pool, tenant, sessionId }: Follow, position: string): Promise<EventRow[]> {
  const { rows } = await pool.query<EventRow>(
    `SELECT position, event_id, event, body FROM gateway.session_events
     WHERE session_id = $1 AND position > $2 AND tenant = $3 ORDER BY position LIMIT ${batch}`,
    [sessionId, position, tenant],
  )
  return rows
}
