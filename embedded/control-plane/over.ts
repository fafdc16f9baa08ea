/**
 * What follows from the state of incidents, in whatever order the events arrived: an incident without a firing alert is over when its action helped,
 * and the postmortem of a resolved one is requested, once.
 */
import type { PoolClient } from 'pg'
import { transaction } from '../../bus/postgres/transaction.ts'
import { ownerIn, postmortemRequested } from './events.ts'
import type { House } from './house.ts'

const pollMs = 1_000
/** Of one round; the others follow in the next. */
const batch = 20
/** A diagnosis or the check of an action may never end: the postmortem is requested without it then. */
const patienceMs = 30 * 60_000

export interface Over {
  start(): void
  stop(): Promise<void>
}

interface Due {
  id: string
  service: string
}

/** Approvals of the incident's session, and those they joined. */
const ACTIONS = `control_plane.approvals own LEFT JOIN control_plane.approvals joined
  ON joined.approval_id::text = own.closed->>'joined_approval' AND joined.tenant = own.tenant
  WHERE own.request->>'session_id' = i.session_id::text`

export function createOver({ house, severities }: { house: House; severities: readonly string[] }): Over {
  const { pool, outbox, clock, log } = house
  let timer: NodeJS.Timeout | null = null
  let working: Promise<void> | null = null

  async function resolveHelped(client: PoolClient): Promise<void> {
    const { rows } = await client.query<Due & { tenant: string; at: string }>(
      `SELECT i.id, i.service_name AS service, a.tenant, a.at FROM control_plane.incidents i, LATERAL (
         SELECT own.tenant, coalesce(joined.action, own.action)->>'finished_at' AS at FROM ${ACTIONS}
           AND coalesce(joined.action, own.action)->>'effect' = 'helped') a
       WHERE i.status <> 'resolved' AND a.at IS NOT NULL AND NOT EXISTS (
         SELECT FROM control_plane.alerts WHERE incident_id = i.id AND status = 'firing')
       ORDER BY i.started_at LIMIT $1 FOR UPDATE OF i SKIP LOCKED`,
      [batch],
    )
    for (const { id, service, tenant, at } of rows)
      if (ownerIn(house, service) === tenant) await resolveIncident(client, id, new Date(Number(at)), severities)
  }

  /** Not while its diagnosis or an action of it goes on: the report would lack what comes next. */
  async function request(client: PoolClient): Promise<number> {
    const { rows } = await client.query<Due>(
      `SELECT i.id, i.service_name AS service FROM control_plane.incidents i
       WHERE i.postmortem_due AND (i.resolved_at < $2 OR i.diagnosis IS NOT NULL AND NOT EXISTS (
         SELECT FROM ${ACTIONS} AND coalesce(joined.closed, own.closed)->>'outcome' = 'approved'
           AND coalesce(joined.action, own.action) IS NULL))
       ORDER BY i.resolved_at LIMIT $1 FOR UPDATE OF i SKIP LOCKED`,
      [batch, new Date(clock() - patienceMs)],
    )
    for (const { id, service } of rows) {
      await client.query(`UPDATE control_plane.incidents SET postmortem_due = false WHERE id = $1`, [id])
      await outbox.add(client, await postmortemRequested(house, { incidentId: id, service }))
    }
    return rows.length
  }

  async function round(): Promise<void> {
    await transaction(pool, resolveHelped)
    if ((await transaction(pool, request)) > 0) outbox.nudge()
  }

  const look = () => {
    working ??= round()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'failed to look after incidents; will be retried'))
      .finally(() => {
        working = null
      })
  }

  return {
    start: () => {
      timer ??= setInterval(look, pollMs)
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer)
      timer = null
      await working
    },
  }
}

/** Does nothing while an alert of it fires. */
export const resolveIncident = (client: PoolClient, id: string, at: Date, severities: readonly string[]) =>
  client.query(
    `UPDATE control_plane.incidents SET status = 'resolved', resolved_at = $2, postmortem_due = severity = ANY($3)
     WHERE id = $1 AND status <> 'resolved' AND NOT EXISTS (
       SELECT FROM control_plane.alerts WHERE incident_id = $1 AND status = 'firing')`,
    [id, at, severities],
  )
