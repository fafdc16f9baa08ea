import type { Caller } from '../auth/caller.ts'
import { conflict, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { instantOf } from '../instant.ts'
import { presentStatus, presentSummary } from '../present/session.ts'
import { said, sessions } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { findEvidence } from '../views/evidence.ts'
import { findFeedback } from '../views/feedback.ts'
import { findSession, listSessions as findSessions, pagination } from '../views/sessions.ts'

export const listSessions =
  ({ pool }: Gateway): Handler<'listSessions'> =>
  async ({ query, language }, caller) => {
    const { start_time, end_time, service, status, page, page_size } = query
    const { rows, total } = await findSessions(pool, {
      tenant: caller.tenant,
      page,
      page_size,
      ...(start_time === undefined ? {} : { start: instantOf(start_time) }),
      ...(end_time === undefined ? {} : { end: instantOf(end_time) }),
      ...(service === undefined ? {} : { service }),
      ...(status === undefined ? {} : { status }),
    })
    const items = rows.map((row) => presentSummary(row, language))
    return { status: 200, body: { items, pagination: pagination(query, total) } }
  }

export const getSessionStatus =
  ({ pool }: Gateway): Handler<'getSessionStatus'> =>
  async ({ params, language }, caller) => {
    const row = await findSession(pool, caller.tenant, params.session_id)
    if (row === null) throw notFound('session')
    const feedback = row.result === null ? [] : await findFeedback(pool, caller.tenant, row.session_id)
    return { status: 200, body: presentStatus(row, language, feedback) }
  }

export const getEvidence =
  ({ pool }: Gateway): Handler<'getEvidence'> =>
  async ({ params }, caller) => {
    // hide other tenants' sessions, whatever the store holds
    if ((await findSession(pool, caller.tenant, params.session_id)) === null) throw notFound('session')
    const evidence = await findEvidence(pool, { tenant: caller.tenant, ...params })
    if (evidence === null) throw notFound('evidence')
    return { status: 200, body: evidence }
  }

export const cancelSession =
  (gateway: Gateway): Handler<'cancelSession'> =>
  async ({ params, language, ...asked }, caller) => {
    const session_id = await stopSession(gateway, caller, params.session_id, asked)
    return { status: 202, body: { session_id, status: 'processing', message: said.stopping[language] } }
  }

/** Asks the agents to stop. Throws a conflict if the diagnosis has ended. */
export async function stopSession(
  gateway: Gateway,
  caller: Caller,
  id: string,
  asked: Parameters<typeof publish>[2],
): Promise<string> {
  const row = await findSession(gateway.pool, caller.tenant, id)
  if (row === null) throw notFound('session')
  if (row.status === 'awaiting_approval') throw conflict(sessions.waits)
  if (row.result !== null) throw conflict(sessions.over(row.result.status))
  const { session_id } = row
  const value = { ...stamp(caller.tenant, gateway.now()), session_id, requested_by: caller.id, reason: null }
  await publish(gateway, { event: 'DiagnosisCancelRequested', value }, asked)
  return session_id
}
