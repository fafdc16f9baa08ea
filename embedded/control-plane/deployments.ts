/** Deployments: carried out by the service manager, recorded, and watched for a while. */
import { v7 as uuid } from 'uuid'
import { ApiError } from './api-error.ts'
import { recordChange } from './change-log.ts'
import { freshTrace, type Trace } from './events.ts'
import type { House } from './house.ts'
import type { Medians } from './measurements.ts'
import { refusals } from './texts.ts'

export interface DeploymentRequest {
  service: string
  imageTag: string
  /** requester, as <issuer>|<subject> */
  requestedBy: string
  executionId: string | null
  /** medians before it, to compare with afterwards */
  baseline: Medians | null
  trace: Trace
}

export interface DeploymentRow {
  id: string
  service_name: string
  namespace: string | null
  image_tag: string
  previous_image_tag: string
  status: string
  error: string | null
  requested_by: string
  execution_id: string | null
  started_at: Date
  finished_at: Date | null
  baseline: Medians | null
  trace: Trace | null
}

export interface Deployments {
  /** Records it as running; `carryOut` performs it. Throws `ApiError`: unknown service or release, or another deployment is running. */
  begin(request: DeploymentRequest): Promise<DeploymentRow>
  /** Idempotent: a running release is not started again. Does not throw if the release fails to start. */
  carryOut(deployment: DeploymentRow): Promise<DeploymentRow>
  ofExecution(executionId: string): Promise<DeploymentRow | null>
  running(): Promise<DeploymentRow[]>
  /** deployments still to be judged */
  watched(): Promise<DeploymentRow[]>
  endWatch(id: string): Promise<void>
}

export function createDeployments(house: House): Deployments {
  const { pool, managed, clock } = house
  const select = async (where: string, values: unknown[] = []) =>
    (await pool.query<DeploymentRow>(`SELECT * FROM control_plane.deployments WHERE ${where}`, values)).rows

  /** The change is recorded with its start time, because its effects begin then. */
  async function succeed(deployment: DeploymentRow): Promise<DeploymentRow> {
    const { id, service_name, image_tag, previous_image_tag, requested_by, started_at } = deployment
    const change = {
      id: `change-${uuid()}`,
      service: service_name,
      at: started_at,
      type: 'DEPLOYMENT',
      author: requested_by,
      summary: `Deployed ${image_tag} (previously ${previous_image_tag})`,
      before: { image_tag: previous_image_tag },
      after: { image_tag },
      deploymentId: id,
      trace: deployment.trace ?? freshTrace(),
    }
    const row = await recordChange(house, change, started_at, async (client) => {
      const { rows } = await client.query<DeploymentRow>(
        `UPDATE control_plane.deployments SET status = 'success', finished_at = $2 WHERE id = $1 RETURNING *`,
        [id, new Date(clock())],
      )
      return rows[0]
    })
    return row ?? deployment
  }

  async function fail(deployment: DeploymentRow, error: string): Promise<DeploymentRow> {
    const { rows } = await pool.query<DeploymentRow>(
      `UPDATE control_plane.deployments SET status = 'failed', error = $2, finished_at = $3, baseline = NULL
       WHERE id = $1 RETURNING *`,
      [deployment.id, error, new Date(clock())],
    )
    return rows[0] ?? deployment
  }

  const runs = (service: string) => managed.services().find(({ name }) => name === service)?.imageTag ?? null

  return {
    begin: async ({ service, imageTag, requestedBy, executionId, baseline, trace }) => {
      const previous = runs(service)
      if (previous === null) throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.service(service))
      if (!managed.releases[service]?.includes(imageTag))
        throw new ApiError('VALIDATION_ERROR', refusals.noSuch.release(service, imageTag))
      if (previous === imageTag) throw new ApiError('RESOURCE_CONFLICT', refusals.runsAlready(service, imageTag))
      const { rows } = await pool.query<DeploymentRow>(
        `INSERT INTO control_plane.deployments
           (id, service_name, namespace, image_tag, previous_image_tag, status, requested_by, execution_id, started_at, baseline,
            trace)
         VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING *`,
        [
          `deployment-${uuid()}`,
          service,
          house.namespace,
          imageTag,
          previous,
          requestedBy,
          executionId,
          new Date(clock()),
          baseline === null ? null : JSON.stringify(baseline),
          JSON.stringify(trace),
        ],
      )
      if (rows[0] === undefined) throw new ApiError('RESOURCE_CONFLICT', refusals.underWay(service))
      return rows[0]
    },
    carryOut: async (deployment) => {
      const { service_name: service, image_tag: imageTag } = deployment
      try {
        if (runs(service) !== imageTag) await managed.deploy(service, imageTag)
      } catch (error) {
        return fail(deployment, error instanceof Error ? error.message : String(error))
      }
      return succeed(deployment)
    },
    ofExecution: async (executionId) => (await select('execution_id = $1', [executionId]))[0] ?? null,
    running: () => select(`status = 'running' ORDER BY started_at`),
    watched: () => select(`status = 'success' AND baseline IS NOT NULL`),
    endWatch: async (id) => {
      await pool.query(`UPDATE control_plane.deployments SET baseline = NULL WHERE id = $1`, [id])
    },
  }
}
