/** Tells clients of A2A each status of their tasks that is new since they were told. Replicas share the work; none remembers anything. */
import { setTimeout as sleep } from 'node:timers/promises'
import { A2A_CONTENT_TYPE, StreamResponse, type Task } from '@a2a-js/sdk'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import { isOver, readTask } from '../task.ts'
import type { PushRow } from './configs.ts'

/** configs that a replica works on at once; a receiver that hangs holds up its own only */
const AT_ONCE = 100
const LIMIT_MS = 10_000
const MOST_FAILURES = 8
/** s for which a config is left to the replica that took it */
const TAKEN_S = 60
/** s until a task that the views do not have is looked for again */
const UNKNOWN_S = 5

export interface Delivery {
  pool: Pool
  log: Logger
  /** origins that may be called */
  origins: readonly string[]
  /** days a task is kept */
  retentionDays: number
  /** ms between looks */
  everyMs?: number
}

export function deliverPushes({ pool, log, origins, retentionDays, everyMs = 1000 }: Delivery): {
  stop(): Promise<void>
} {
  const closing = new AbortController()
  const delivering = new Set<Promise<void>>()
  const warned = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => log.warn({ err: error }, 'push notifications were not delivered'))
  const running = (async () => {
    while (!closing.signal.aborted) {
      await warned(deliverDue())
      await sleep(everyMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
    await Promise.all(delivering)
  })()

  async function deliverDue(): Promise<void> {
    const { rows } = await pool.query<PushRow & { is_old: boolean }>(
      `UPDATE gateway_requests.a2a_push SET due_at = clock_timestamp() + $1 * interval '1 second' WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM gateway_requests.a2a_push WHERE due_at <= clock_timestamp() ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED))
       RETURNING *, created_at < clock_timestamp() - $3 * interval '1 day' AS is_old`,
      [TAKEN_S, AT_ONCE - delivering.size, retentionDays],
    )
    for (const row of rows) {
      const one: Promise<void> = warned(deliver(row)).finally(() => delivering.delete(one))
      delivering.add(one)
    }
  }

  async function deliver(row: PushRow & { is_old: boolean }): Promise<void> {
    const task = await readTask({ pool }, row.tenant, row.task_id, row.language)
    // an operator may have taken the origin from the list since
    if (!origins.includes(new URL(row.url).origin)) return drop(row)
    // gone after its retention, or not there yet while the views are rebuilt
    if (task === null) return row.is_old ? drop(row) : again(row, { ...row, s: UNKNOWN_S })
    const status = `${task.status?.state} ${task.status?.message?.messageId ?? ''}`
    if (status === row.told) return again(row, { told: status, failures: 0, s: everyMs / 1000 })
    const why = await post(row, task)
    if (why === null) return isOver(task) ? drop(row) : again(row, { told: status, failures: 0, s: everyMs / 1000 })
    // ended by this gateway's own end, which says nothing of the receiver
    if (closing.signal.aborted) return again(row, { ...row, s: 0 })
    const failures = row.failures + 1
    const about = { task: row.task_id, origin: new URL(row.url).origin, failures, why }
    if (failures < MOST_FAILURES) return again(row, { told: row.told, failures, s: 2 ** failures })
    log.warn(about, 'push notifications are given up')
    return drop(row)
  }

  /** why it failed; null: it did not */
  async function post(row: PushRow, { id: taskId, contextId, status }: Task): Promise<string | null> {
    const body = {
      payload: { $case: 'statusUpdate' as const, value: { taskId, contextId, status, metadata: undefined } },
    }
    const headers = {
      'content-type': A2A_CONTENT_TYPE,
      ...(row.token === '' ? {} : { 'x-a2a-notification-token': row.token }),
      ...(row.scheme === '' ? {} : { authorization: `${row.scheme} ${row.credentials}` }),
    }
    try {
      const answer = await fetch(row.url, {
        ...{ method: 'POST', headers, body: JSON.stringify(StreamResponse.toJSON(body)), redirect: 'error' },
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(LIMIT_MS)]),
      })
      await answer.body?.cancel()
      return answer.ok ? null : `it answered ${answer.status}`
    } catch (error) {
      return error instanceof Error ? error.name : 'it could not be sent'
    }
  }

  const keyOf = ({ tenant, task_id, id }: PushRow) => [tenant, task_id, id]
  const drop = async (row: PushRow): Promise<void> => {
    await pool.query('DELETE FROM gateway_requests.a2a_push WHERE tenant = $1 AND task_id = $2 AND id = $3', keyOf(row))
  }
  const again = async (row: PushRow, { told, failures, s }: { told: string | null; failures: number; s: number }) => {
    await pool.query(
      `UPDATE gateway_requests.a2a_push SET told = $4, failures = $5, due_at = clock_timestamp() + $6 * interval '1 second'
       WHERE tenant = $1 AND task_id = $2 AND id = $3`,
      [...keyOf(row), told, failures, s],
    )
  }

  return {
    async stop() {
      closing.abort()
      await running
    },
  }
}
