/** Executions of scripts: one per key, even if the process dies during one. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { v7 as uuid } from 'uuid'
import { refusals } from '../../gateway/present/texts.ts'
import { ApiError } from './api-error.ts'
import type { Background } from './background.ts'
import type { DeploymentRow, Deployments } from './deployments.ts'
import { freshTrace, type Trace } from './events.ts'
import type { House } from './house.ts'
import { plan, type ScriptCall } from './scripts.ts'

export interface ExecutionRequest extends ScriptCall {
  dryRun: boolean
  idempotencyKey: string
  /** the caller, as <issuer>|<subject>; keys are unique per caller */
  requestedBy: string
  trace: Trace
}

export interface ExecutionRow {
  id: string
  script_id: string
  parameters: Record<string, string>
  target_resources: string[]
  dry_run: boolean
  status: string
  output: string | null
  requested_by: string
  request_hash: string
  trace: Trace | null
}

export interface Executions {
  /** The execution of this key, started now or earlier. Throws `ApiError` if the body differs. */
  execute(request: ExecutionRequest): Promise<ExecutionRow>
  find(id: string): Promise<ExecutionRow | null>
  /** continues what an earlier process left unfinished */
  resume(): Promise<void>
}

export function createExecutions(house: House, deployments: Deployments, background: Background): Executions {
  const { pool, clock } = house

  const finish = async (
    id: string,
    status: 'success' | 'failed',
    output: string,
  ): Promise<ExecutionRow | undefined> => {
    const { rows } = await pool.query<ExecutionRow>(
      `UPDATE control_plane.executions SET status = $2, output = $3, finished_at = $4 WHERE id = $1 RETURNING *`,
      [id, status, output, new Date(clock())],
    )
    return rows[0]
  }

  /** Records the deployment before carrying it out, so that a later process finds it and does not start a second one. */
  async function run(execution: ExecutionRow): Promise<void> {
    const begun = (await deployments.ofExecution(execution.id)) ?? (await begin(execution))
    if (begun === null) return
    const done = begun.status === 'running' ? await deployments.carryOut(begun) : begun
    await finish(execution.id, done.status === 'success' ? 'success' : 'failed', outcome(done))
  }

  async function begin(execution: ExecutionRow): Promise<DeploymentRow | null> {
    const planned = plan(callOf(execution), house.managed)
    if (!planned.ok) {
      await finish(execution.id, 'failed', planned.reason)
      return null
    }
    const { service, imageTag } = planned
    const { id: executionId, requested_by: requestedBy } = execution
    try {
      const trace = execution.trace ?? freshTrace()
      return await deployments.begin({ service, imageTag, requestedBy, executionId, baseline: null, trace })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await finish(executionId, 'failed', error.message)
      return null
    }
  }

  const runInBackground = (execution: ExecutionRow) => background.run({ execution: execution.id }, () => run(execution))

  return {
    execute: async (request) => {
      const hash = hashOf(request)
      const inserted = await pool.query<ExecutionRow>(
        `INSERT INTO control_plane.executions
           (id, script_id, parameters, target_resources, dry_run, status, requested_by, idempotency_key, request_hash, created_at,
            trace)
         VALUES ($1, $2, $3, $4, $5, 'running', $6, $7, $8, $9, $10) ON CONFLICT (requested_by, idempotency_key) DO NOTHING RETURNING *`,
        [
          `execution-${uuid()}`,
          request.scriptId,
          JSON.stringify(request.parameters),
          JSON.stringify(request.targets),
          request.dryRun,
          request.requestedBy,
          request.idempotencyKey,
          hash,
          new Date(clock()),
          JSON.stringify(request.trace),
        ],
      )
      const execution = inserted.rows[0]
      if (execution === undefined) return known(request, hash)
      if (request.dryRun) return (await answerDryRun(execution)) ?? execution
      runInBackground(execution)
      return execution
    },
    find,
    resume: async () => {
      const { rows } = await pool.query<ExecutionRow>(
        `SELECT * FROM control_plane.executions WHERE status IN ('pending', 'running') ORDER BY created_at`,
      )
      for (const execution of rows)
        if (execution.dry_run) await answerDryRun(execution)
        else runInBackground(execution)
    },
  }

  async function find(id: string): Promise<ExecutionRow | null> {
    const { rows } = await pool.query<ExecutionRow>(`SELECT * FROM control_plane.executions WHERE id = $1`, [id])
    return rows[0] ?? null
  }

  async function known({ requestedBy, idempotencyKey }: ExecutionRequest, hash: string): Promise<ExecutionRow> {
    const { rows } = await pool.query<ExecutionRow>(
      `SELECT * FROM control_plane.executions WHERE requested_by = $1 AND idempotency_key = $2`,
      [requestedBy, idempotencyKey],
    )
    const [before] = rows
    if (before === undefined || before.request_hash !== hash)
      throw new ApiError('RESOURCE_CONFLICT', refusals.keyReused)
    return before
  }

  function answerDryRun(execution: ExecutionRow): Promise<ExecutionRow | undefined> {
    const planned = plan(callOf(execution), house.managed)
    return planned.ok
      ? finish(execution.id, 'success', `would replace ${planned.from} with ${planned.imageTag}`)
      : finish(execution.id, 'failed', planned.reason)
  }
}

const callOf = ({ script_id, parameters, target_resources }: ExecutionRow): ScriptCall => ({
  scriptId: script_id,
  parameters,
  targets: target_resources,
})

const outcome = ({ service_name, image_tag, previous_image_tag, status, error }: DeploymentRow): string =>
  status === 'success'
    ? `${service_name} runs ${image_tag} again, before ${previous_image_tag}`
    : `${service_name} still runs ${previous_image_tag}: ${error}`

function hashOf({ scriptId, parameters, targets, dryRun }: ExecutionRequest): string {
  const canonical = canonicalize({ scriptId, parameters, targets, dryRun }) ?? ''
  return createHash('sha256').update(canonical).digest('hex')
}
