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
import { createOperations } from './operations.ts'
import { intended, type Operation, plan, type Rollback, type ScriptCall } from './scripts.ts'

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
  /** what it set out to do, and when (ms since the epoch); null: not begun, or a deployment */
  operation: { at: number; operation: Operation } | null
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
  const operations = createOperations(house)

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

  /** Records what it sets out to do before carrying it out, so that a later process does not start a second one. */
  async function run(execution: ExecutionRow): Promise<void> {
    const begun = await deployments.ofExecution(execution.id)
    if (begun !== null) return endDeployment(begun)
    if (execution.operation !== null) return operate(execution, execution.operation, true)
    const planned = plan(callOf(execution), house.managed)
    if (!planned.ok) return void (await finish(execution.id, 'failed', planned.reason))
    if (planned.planned.kind === 'rollback') return rollBack(execution, planned.planned)
    const operation = { at: clock(), operation: planned.planned }
    await pool.query(`UPDATE control_plane.executions SET operation = $2 WHERE id = $1`, [
      execution.id,
      JSON.stringify(operation),
    ])
    await operate(execution, operation, false)
  }

  async function rollBack(execution: ExecutionRow, { service, imageTag }: Rollback): Promise<void> {
    const { id: executionId, requested_by: requestedBy } = execution
    const trace = execution.trace ?? freshTrace()
    try {
      await endDeployment(
        await deployments.begin({ service, imageTag, requestedBy, executionId, baseline: null, trace }),
      )
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      await finish(executionId, 'failed', error.message)
    }
  }

  async function endDeployment(begun: DeploymentRow): Promise<void> {
    const done = begun.status === 'running' ? await deployments.carryOut(begun) : begun
    await finish(begun.execution_id ?? '', done.status === 'success' ? 'success' : 'failed', outcome(done))
  }

  async function operate(
    { id, requested_by: requestedBy, trace }: ExecutionRow,
    begun: NonNullable<ExecutionRow['operation']>,
    before: boolean,
  ): Promise<void> {
    const { status, output } = await operations.carryOut({ ...begun, before, requestedBy, trace })
    await finish(id, status, output)
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
      ? finish(execution.id, 'success', intended(planned.planned))
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
