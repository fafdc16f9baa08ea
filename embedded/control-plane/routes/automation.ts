/** Executions of scripts, and runs reported by agents. */
import type { FastifyInstance } from 'fastify'
import { v7 as uuid } from 'uuid'
import { z } from 'zod'
import { traceOf } from '../../../gateway/trace.ts'
import { ApiError, read } from '../api-error.ts'
import type { ExecutionRow, Executions } from '../executions.ts'
import type { House } from '../house.ts'
import { text } from '../outside.ts'
import { demandOwn, isOwn } from '../owned.ts'
import { refusals } from '../texts.ts'

const executeBody = z.strictObject({
  script_id: text,
  parameters: z.record(text, text).default({}),
  target_resources: z.array(text).max(100).default([]),
  dry_run: z.boolean().default(false),
})
const key = text.min(1).max(255)
const byId = z.object({ id: text })
const runStatus = z.enum(['running', 'completed', 'failed'])
const newRun = z.strictObject({ session_id: text, status: runStatus, output: text.nullish() })
const changedRun = z.strictObject({ status: runStatus.optional(), output: text.nullish() })

export function automationRoutes(
  app: FastifyInstance,
  { house, executions }: { house: House; executions: Executions },
) {
  const { pool, clock } = house

  app.post('/automation/execute', async (request, reply) => {
    const header = key.safeParse(request.headers['idempotency-key'])
    if (!header.success) throw new ApiError('INVALID_REQUEST', refusals.keyNeeded)
    const body = read(executeBody, request.body)
    for (const target of body.target_resources) demandOwn(house, request.caller, target)
    const execution = await executions.execute({
      scriptId: body.script_id,
      parameters: body.parameters,
      targets: body.target_resources,
      dryRun: body.dry_run,
      idempotencyKey: header.data,
      requestedBy: request.caller.identity,
      trace: traceOf(request),
    })
    return reply.code(202).send(executionAnswer(execution))
  })

  app.get('/automation/executions/:id', async (request) => {
    const { id } = read(byId, request.params)
    const execution = await executions.find(id)
    if (execution === null || !execution.target_resources.every((target) => isOwn(house, request.caller, target)))
      throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.execution(id))
    return executionAnswer(execution)
  })

  app.post('/executions', async (request, reply) => {
    const { session_id, status, output } = read(newRun, request.body)
    const id = `run-${uuid()}`
    await pool.query(
      `INSERT INTO control_plane.reported_runs (id, session_id, status, output, reported_by, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, session_id, status, output ?? null, request.caller.identity, new Date(clock())],
    )
    return reply.code(201).send({ id, session_id, status, output: output ?? null })
  })

  app.patch('/executions/:id', async (request) => {
    const { id } = read(byId, request.params)
    const { status, output } = read(changedRun, request.body)
    const { rows } = await pool.query(
      `UPDATE control_plane.reported_runs SET status = COALESCE($3, status), output = COALESCE($4, output), updated_at = $5
       WHERE id = $1 AND reported_by = $2 RETURNING id, session_id, status, output`,
      [id, request.caller.identity, status ?? null, output ?? null, new Date(clock())],
    )
    if (rows[0] === undefined) throw new ApiError('RESOURCE_NOT_FOUND', refusals.noSuch.execution(id))
    return rows[0]
  })
}

const executionAnswer = ({ id, status, output, dry_run }: ExecutionRow) => ({
  execution_id: id,
  status,
  output,
  dry_run,
})
