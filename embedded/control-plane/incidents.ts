/** Alerts open incidents and incidents request a diagnosis, once each; the events are written in the same transaction. */
import { randomUUID } from 'node:crypto'
import type { PoolClient } from 'pg'
import { v7 as uuid } from 'uuid'
import { transaction } from '../../bus/postgres/transaction.ts'
import { diagnosisRequested, freshTrace, ownerIn, type Trace } from './events.ts'
import type { House } from './house.ts'
import type { ManagedService } from './managed-services.ts'
import { resolveIncident } from './over.ts'
import type { Transition } from './rules.ts'

export interface Suspicion {
  deploymentId: string
  service: string
  imageTag: string
  worsened: string[]
  startedAt: number
  trace: Trace
}

export interface Alert {
  name: string
  service: string
  summary: string
  severity: string
  labels: Readonly<Record<string, string>>
  /** when its condition began, ms */
  since: number
}

export interface Incidents {
  apply(transition: Transition): Promise<void>
  /** opens an incident, or joins the open one; an alert that fires already changes nothing */
  firing(alert: Alert): Promise<void>
  /** `at` in ms; an alert that does not fire changes nothing */
  resolved(alert: Pick<Alert, 'name' | 'service'>, at: number): Promise<void>
  suspect(suspicion: Suspicion): Promise<void>
  listFiring(): Promise<{ rule: string; service: string }[]>
}

/** `severities`: those whose postmortem is requested once they are resolved. */
export function createIncidents(house: House, severities: readonly string[]): Incidents {
  const { pool, outbox } = house

  async function fire({ name, service, summary, severity, labels, since }: Alert): Promise<void> {
    const alertId = `alert-${uuid()}`
    await transaction(pool, async (client) => {
      const known = await openIncident(client, service)
      const incidentId =
        known ??
        (await open(client, {
          title: summary,
          service,
          severity,
          startedAt: since,
          request: {
            kind: 'alert',
            alertIds: [alertId],
            deploymentId: null,
            context: { alert: name, ...labels },
            trace: freshTrace(),
          },
        }))
      await client.query(
        `INSERT INTO control_plane.alerts (id, incident_id, name, service_name, summary, severity, status, labels, started_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'firing', $7, $8) ON CONFLICT DO NOTHING`,
        [alertId, incidentId, name, service, summary, severity, JSON.stringify(labels), new Date(since)],
      )
    })
    outbox.nudge()
  }

  const resolve = ({ name, service }: Pick<Alert, 'name' | 'service'>, at: number): Promise<void> =>
    transaction(pool, async (client) => {
      const { rows } = await client.query<{ incident_id: string }>(
        `UPDATE control_plane.alerts SET status = 'resolved', resolved_at = $3
         WHERE name = $1 AND service_name = $2 AND status = 'firing' RETURNING incident_id`,
        [name, service, new Date(at)],
      )
      for (const { incident_id } of rows) await resolveIncident(client, incident_id, new Date(at), severities)
    })

  /** An alert joins the open incident of a connected service, so that one disturbance is diagnosed once per affected tenant. */
  async function openIncident(client: PoolClient, service: string, orSince?: number): Promise<string | null> {
    const { rows } = await client.query<{ id: string }>(
      `SELECT id FROM control_plane.incidents WHERE (status <> 'resolved' OR started_at >= $2) AND service_name = ANY($1)
       ORDER BY started_at DESC LIMIT 1 FOR UPDATE`,
      [
        connected(house.managed.services(), service).filter(hasSameOwner(service)),
        orSince === undefined ? 'infinity' : new Date(orSince),
      ],
    )
    return rows[0]?.id ?? null
  }

  const hasSameOwner = (service: string) => (other: string) => ownerIn(house, other) === ownerIn(house, service)

  async function open(client: PoolClient, incident: NewIncident): Promise<string> {
    const id = `incident-${uuid()}`
    const { title, service, severity, startedAt, request } = incident
    const sessionId = randomUUID()
    const asked = await diagnosisRequested(house, { sessionId, service, severity, incidentId: id, ...request })
    await client.query(
      `INSERT INTO control_plane.incidents (id, title, service_name, severity, started_at, session_id)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, title, service, severity, new Date(startedAt), asked.length === 0 ? null : sessionId],
    )
    await outbox.add(client, asked)
    return id
  }

  return {
    apply: (transition) =>
      transition.type === 'fired'
        ? fire(ofRule(transition))
        : resolve({ name: transition.rule.name, service: transition.service }, transition.at),
    firing: fire,
    resolved: resolve,
    suspect: async ({ deploymentId, service, imageTag, worsened, startedAt, trace }) => {
      await transaction(pool, async (client) => {
        // an alert has already opened an incident for this disturbance
        if ((await openIncident(client, service, startedAt)) !== null) return
        const title = `${service} is worse since the deployment of ${imageTag}: ${worsened.join(', ')}`
        const context = { worsened: worsened.join(','), image_tag: imageTag }
        const request = { kind: 'deployment' as const, alertIds: [], deploymentId, context, trace }
        await open(client, { title, service, severity: 'P2', startedAt, request })
      })
      outbox.nudge()
    },
    listFiring: async () => {
      const { rows } = await pool.query<{ rule: string; service: string }>(
        `SELECT name AS rule, service_name AS service FROM control_plane.alerts WHERE status = 'firing'`,
      )
      return rows
    },
  }
}

interface NewIncident {
  title: string
  service: string
  severity: string
  startedAt: number
  request: {
    kind: 'alert' | 'deployment'
    alertIds: string[]
    deploymentId: string | null
    context: Record<string, string>
    trace: Trace
  }
}

function ofRule({ rule, service, value, since }: Transition): Alert {
  const summary = `${rule.name}: ${rule.indicator} of ${service} is ${rounded(value)}${rule.unit}, above ${rule.above}${rule.unit}`
  const labels = { service, indicator: rule.indicator, threshold: String(rule.above), value: String(rounded(value)) }
  return { name: rule.name, service, summary, severity: rule.severity, labels, since }
}

/** The service and all that are connected with it through calls, in either direction. */
function connected(services: readonly ManagedService[], start: string): string[] {
  const reached = new Set([start])
  for (const name of reached)
    for (const { name: caller, dependsOn } of services)
      if (caller === name) for (const callee of dependsOn) reached.add(callee)
      else if (dependsOn.includes(name)) reached.add(caller)
  return [...reached]
}

const rounded = (value: number): number => Number(value.toPrecision(3))
