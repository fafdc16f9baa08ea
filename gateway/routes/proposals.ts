/**
 * `POST /diagnostics/{session_id}/proposals`: a person or a program proposes an action. The gateway knows neither the catalogue nor the target, so the
 * assistant examines the proposal and answers on the bus; the request waits for that answer for a limited time.
 */
import type { FastifyRequest } from 'fastify'
import { v7 as uuid } from 'uuid'
import type { Proposal } from '../api.generated.ts'
import type { Events, Proposer } from '../../schemas/events.generated.ts'
import { type Caller, roleOf } from '../auth/caller.ts'
import { ApiError, conflict, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { presentApproval } from '../present/approval.ts'
import { inLanguage } from '../present/language.ts'
import { proposing as texts } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { type ApprovalRow, findApproval, hasOpenTwin } from '../views/approvals.ts'
import { findDeclined } from '../views/declined.ts'
import { findRequest, findSession } from '../views/sessions.ts'
import { demandOwnTarget } from './owned.ts'

type Proposed = Events['ActionProposed']

const LOOK_MS = 1000
/** ms after which a diagnosis says nothing about the present state of its services */
const LATEST_MS = 86_400_000

export const proposeAction =
  (gateway: Gateway): Handler<'proposeAction'> =>
  async ({ params, body, asSaid = body, headers, language, request, ...asked }, caller) => {
    const keyed = {
      caller,
      key: headers['idempotency-key'],
      request: { path: request.routeOptions.url, session_id: params.session_id, body: asSaid },
    }
    const { value } = await publishOnce(gateway.pool, keyed, {
      prepare: async () => ({
        event: 'ActionProposed' as const,
        value: await proposed(gateway, { ...params, body, caller, via: wayOf(request) }),
      }),
      publish: (received) => publish(gateway, received, asked),
    })
    const answer = await answerTo(gateway, value)
    if (answer !== null) return { status: 200, body: presentApproval(answer, language) }
    const { session_id, approval_id } = value
    return { status: 202, body: { session_id, approval_id, message: texts.examining[language] } }
  }

interface Proposing {
  session_id: string
  body: Proposal
  caller: Caller
  via: Proposer['via']
}

const wayOf = ({ routeOptions }: FastifyRequest): Proposer['via'] => (routeOptions.url === '/mcp' ? 'mcp' : 'api')

async function proposed(gateway: Gateway, { session_id: id, body, caller, via }: Proposing): Promise<Proposed> {
  const { pool, tenants } = gateway
  const session = await findSession(pool, caller.tenant, id)
  const request = await findRequest(pool, caller.tenant, id)
  if (session === null || request === null) throw notFound('session')
  const { session_id, result } = session
  if (result === null) throw conflict(texts.notOver)
  if (result.status === 'failed' || result.status === 'cancelled') throw conflict(texts.noDiagnosis(result.status))
  if (gateway.now() - result.occurred_at > LATEST_MS) throw conflict(texts.tooOld)
  const service = body.service ?? result.root_causes[0]?.service ?? session.service
  if (service === null)
    throw new ApiError('VALIDATION_ERROR', texts.whichService, {
      details: [{ field: 'body.service', message: texts.whichService }],
    })
  const namespace = body.namespace ?? request.namespace ?? tenants.of(caller.tenant).namespace
  demandOwnTarget(tenants, caller, { service, namespace })
  return {
    ...stamp(caller.tenant, gateway.now()),
    ...{ session_id, approval_id: uuid(), type: body.action, service, namespace },
    ...{ parameters: body.parameters ?? {}, reason: body.reason },
    proposed_by: {
      id: caller.id,
      role: caller.kind === 'person' ? roleOf(caller) : 'machine',
      client: caller.clientId,
      via,
    },
    ...{ requested_by: session.requested_by, diagnosis_run: result.run_id },
    since: result.root_causes.find((one) => one.service === service)?.since ?? result.onset,
    context: request.context,
  }
}

/** Null: there is no answer in time. Throws `ApiError` if the action was declined. */
async function answerTo(gateway: Gateway, value: Proposed): Promise<ApprovalRow | null> {
  const { pool, watch, closing, capacityWaitMs } = gateway
  const signal = AbortSignal.any([closing, AbortSignal.timeout(capacityWaitMs)])
  const watcher = watch.watch(value.session_id)
  try {
    for (;;) {
      const approval = await findApproval(pool, value.tenant, value.approval_id)
      // one of the same action is about to be joined to the other, which the answer should say
      const isSettled = approval !== null && (approval.status !== 'pending' || !(await hasOpenTwin(pool, approval)))
      if (isSettled || signal.aborted) return approval
      const declined = await findDeclined(pool, value)
      if (declined !== null) throw refusalOf(declined)
      await watcher.changed(LOOK_MS, signal)
    }
  } finally {
    watcher.close()
  }
}

/** What the assistant says against it. */
function refusalOf({ field, reason }: Events['ActionDeclined']): ApiError {
  const why = { en: inLanguage(reason, 'en'), 'zh-TW': inLanguage(reason, 'zh-TW') }
  const told = { en: texts.declined(why.en).en, 'zh-TW': texts.declined(why['zh-TW'])['zh-TW'] }
  if (field === null) return conflict(told)
  return new ApiError('VALIDATION_ERROR', told, { details: [{ field: `body.${field}`, message: why }] })
}
