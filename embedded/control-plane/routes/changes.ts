/** Changes: audit log, deployments, services. */
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { traceOf } from '../../../gateway/trace.ts'
import { ApiError, read } from '../api-error.ts'
import type { DeploymentRow, Deployments } from '../deployments.ts'
import type { House } from '../house.ts'
import { text } from '../outside.ts'
import { demandOwn, isOwn, ownNamesIn } from '../owned.ts'
import { refusals } from '../texts.ts'
import type { RecentMeasurements } from '../measurements.ts'
import { instant, listPage, paging } from './paging.ts'

const auditQuery = z.object({ service_name: text.optional(), start_time: instant, end_time: instant, ...paging })
const deploymentsQuery = z.object({ service_name: text.optional(), ...paging })
const resourcesQuery = z.object({ service_name: text.optional() })
const deploymentBody = z.strictObject({ service_name: text, image_tag: text })
const byId = z.object({ id: text })

interface AuditRow {
  id: string
  timestamp: Date
  event_type: string
  author: string
  service_name: string
  summary: string
  changes: { before: unknown; after: unknown }
}

interface ChangeRoutes {
  house: House
  deployments: Deployments
  recent: RecentMeasurements
  /** carries a deployment out and watches it in the background */
  carryOut(deployment: DeploymentRow): void
}

/** ms before a deployment that its baseline covers. */
const baselineMs = 60_000

export function changeRoutes(app: FastifyInstance, { house, deployments, recent, carryOut }: ChangeRoutes): void {
  const { pool, managed, clock } = house

  app.get('/audit-logs', async (request) => {
    const { service_name, start_time, end_time, page, page_size } = read(auditQuery, request.query, 'INVALID_REQUEST')
    const conditions = [
      ['service_name = ?', service_name],
      ['timestamp >= ?', start_time],
      ['timestamp <= ?', end_time],
      ['service_name = ANY(?)', await ownNamesIn(house, request.caller, 'audit_logs')],
    ] as const
    return listPage<AuditRow, AuditRow>(
      pool,
      { table: 'audit_logs', order: 'timestamp', conditions, page, page_size },
      (row) => row,
    )
  })

  app.get('/deployments', async (request) => {
    const { service_name, page, page_size } = read(deploymentsQuery, request.query, 'INVALID_REQUEST')
    const conditions = [
      ['service_name = ?', service_name],
      ['service_name = ANY(?)', await ownNamesIn(house, request.caller, 'deployments')],
    ] as const
    return listPage(pool, { table: 'deployments', order: 'started_at', conditions, page, page_size }, deploymentAnswer)
  })

  app.get('/deployments/:id', async (request) => {
    const { id } = read(byId, request.params)
    const { rows } = await pool.query<DeploymentRow>(`SELECT * FROM control_plane.deployments WHERE id = $1`, [id])
    if (rows[0] === undefined || !isOwn(house, request.caller, rows[0].service_name))
      throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.deployment(id))
    return deploymentAnswer(rows[0])
  })

  app.post('/deployments', async (request, reply) => {
    const { service_name: service, image_tag: imageTag } = read(deploymentBody, request.body)
    demandOwn(house, request.caller, service)
    const baseline = recent.medians(service, clock() - baselineMs, clock())
    const requestedBy = request.caller.identity
    const trace = traceOf(request)
    const deployment = await deployments.begin({ service, imageTag, requestedBy, executionId: null, baseline, trace })
    carryOut(deployment)
    return reply.code(202).send(deploymentAnswer(deployment))
  })

  app.get('/resources', (request) => {
    const { service_name } = read(resourcesQuery, request.query, 'INVALID_REQUEST')
    const own = (name: string) => isOwn(house, request.caller, name)
    const items = managed
      .services()
      .filter(({ name }) => own(name) && (service_name === undefined || name === service_name))
      .map(({ name, imageTag, replicas, dependsOn }) => ({
        service_name: name,
        namespace: house.namespace,
        image_tag: imageTag,
        replicas,
        depends_on: dependsOn.filter(own),
      }))
    return { items, pagination: { page: 1, page_size: items.length, total: items.length } }
  })
}

const deploymentAnswer = (row: DeploymentRow) => ({
  id: row.id,
  service_name: row.service_name,
  namespace: row.namespace,
  image_tag: row.image_tag,
  previous_image_tag: row.previous_image_tag,
  started_at: row.started_at,
  finished_at: row.finished_at,
  status: row.status,
  error: row.error,
})
