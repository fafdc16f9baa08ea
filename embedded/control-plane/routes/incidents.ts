/** Incidents and alerts. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { ApiError, read } from '../api-error.ts'
import type { Caller } from '../access.ts'
import type { House } from '../house.ts'
import { text } from '../outside.ts'
import { isOwn, ownNamesIn } from '../owned.ts'
import { refusals } from '../texts.ts'
import { pendingIn, type RuleState } from '../rules.ts'
import { instant, listPage, paging } from './paging.ts'

const severity = text.optional()
const incidentsQuery = z.object({
  service_name: text.optional(),
  status: z.enum(['new', 'acknowledged', 'resolved']).optional(),
  severity,
  start_time: instant.optional(),
  end_time: instant.optional(),
  ...paging,
})
const alertsQuery = z.object({
  service_name: text.optional(),
  status: z.enum(['firing', 'resolved', 'pending']).optional(),
  severity,
  start_time: instant.optional(),
  end_time: instant.optional(),
  ...paging,
})
const byId = z.object({ id: text })
const commentBody = z.strictObject({ comment: text.min(1).max(10_000) })

interface IncidentRow {
  id: string
  title: string
  service_name: string
  severity: string
  status: string
  started_at: Date
  resolved_at: Date | null
  acknowledged_at: Date | null
  session_id: string | null
  diagnosis: unknown
}

export function incidentRoutes(app: FastifyInstance, { house, rules }: { house: House; rules: () => RuleState }): void {
  const { pool, clock } = house

  async function incident(id: string, caller: Caller): Promise<IncidentRow> {
    const { rows } = await pool.query<IncidentRow>(`SELECT * FROM control_plane.incidents WHERE id = $1`, [id])
    if (rows[0] === undefined || !isOwn(house, caller, rows[0].service_name))
      throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.incident(id))
    return rows[0]
  }

  const comments = async (id: string) => {
    const { rows } = await pool.query<{ author: string; comment: string; created_at: Date }>(
      `SELECT author, comment, created_at FROM control_plane.incident_comments WHERE incident_id = $1 ORDER BY id`,
      [id],
    )
    return rows
  }

  const addComment = (id: string, author: string, comment: string) =>
    pool.query(
      `INSERT INTO control_plane.incident_comments (incident_id, author, comment, created_at) VALUES ($1, $2, $3, $4)`,
      [id, author, comment, new Date(clock())],
    )

  app.get('/incidents', async (request) => {
    const { page, page_size, ...asked } = read(incidentsQuery, request.query, 'INVALID_REQUEST')
    const conditions = [
      ['service_name = ?', asked.service_name],
      ['status = ?', asked.status],
      ['severity = ?', asked.severity],
      ['(resolved_at IS NULL OR resolved_at >= ?)', asked.start_time],
      ['started_at <= ?', asked.end_time],
      ['service_name = ANY(?)', await ownNamesIn(house, request.caller, 'incidents')],
    ] as const
    return listPage(
      pool,
      { table: 'incidents', order: 'started_at', conditions, page, page_size },
      (row: IncidentRow) => row,
    )
  })

  app.get('/incidents/:id', async (request) => {
    const { id } = read(byId, request.params)
    return { ...(await incident(id, request.caller)), comments: await comments(id) }
  })

  app.post('/incidents/:id/acknowledge', async (request) => {
    const { id } = read(byId, request.params)
    await incident(id, request.caller)
    await pool.query(`UPDATE control_plane.incidents SET status = 'acknowledged' WHERE id = $1 AND status = 'new'`, [
      id,
    ])
    if (request.caller.kind === 'person')
      await pool.query(
        `UPDATE control_plane.incidents SET acknowledged_at = $2 WHERE id = $1 AND acknowledged_at IS NULL`,
        [id, new Date(clock())],
      )
    if (request.body) await addComment(id, request.caller.identity, read(commentBody, request.body).comment)
    return { ...(await incident(id, request.caller)), comments: await comments(id) }
  })

  app.post('/incidents/:id/comments', async (request) => {
    const { id } = read(byId, request.params)
    const { comment } = read(commentBody, request.body)
    await incident(id, request.caller)
    await addComment(id, request.caller.identity, comment)
    return { ...(await incident(id, request.caller)), comments: await comments(id) }
  })

  app.get('/alerts', async (request) => {
    const { page, page_size, ...asked } = read(alertsQuery, request.query, 'INVALID_REQUEST')
    if (asked.status === 'pending') return pendingAlerts(rules(), (service) => isOwn(house, request.caller, service))
    const conditions = [
      ['service_name = ?', asked.service_name],
      ['status = ?', asked.status],
      ['severity = ?', asked.severity],
      ['(resolved_at IS NULL OR resolved_at >= ?)', asked.start_time],
      ['started_at <= ?', asked.end_time],
      ['service_name = ANY(?)', await ownNamesIn(house, request.caller, 'alerts')],
    ] as const
    return listPage(pool, { table: 'alerts', order: 'started_at', conditions, page, page_size }, (row) => row)
  })
}

/** Alerts above their threshold that have not fired yet; computed on request, not stored. */
function pendingAlerts(state: RuleState, shown: (service: string) => boolean) {
  const pending = pendingIn(state).filter(({ service }) => shown(service))
  const items = pending.map(({ rule, service, since }) => ({
    id: `pending-${rule}-${service}`,
    name: rule,
    service_name: service,
    summary: `${rule} of ${service} has not lasted long enough to fire`,
    status: 'pending',
    labels: {},
    started_at: new Date(since),
  }))
  return { items, pagination: { page: 1, page_size: items.length, total: items.length } }
}
