/** `POST /diagnostics/{session_id}/feedback`: people say whether a diagnosis was right. Of the same person, the latest counts. */
import { conflict, forbidden, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { roleOf } from '../auth/caller.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { presentFeedback } from '../present/feedback.ts'
import { judging as texts } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { findSession } from '../views/sessions.ts'

export const giveFeedback =
  (gateway: Gateway): Handler<'giveFeedback'> =>
  async ({ params, body, headers, request, ...asked }, caller) => {
    if (caller.kind !== 'person') throw forbidden(texts.notAPerson)
    const keyed = {
      caller,
      key: headers['idempotency-key'],
      request: { path: request.routeOptions.url, session_id: params.session_id, body },
    }
    const { value } = await publishOnce(gateway.pool, keyed, {
      prepare: async () => {
        const session = await findSession(gateway.pool, caller.tenant, params.session_id)
        if (session === null) throw notFound('session')
        if (session.result === null) throw conflict(texts.notOver)
        return {
          event: 'FeedbackRecorded' as const,
          value: {
            ...stamp(caller.tenant, gateway.now()),
            ...{ session_id: session.session_id, revision: session.result.revision, verdict: body.verdict },
            ...{ root_cause: body.root_cause ?? null, note: body.note ?? null },
            ...{ recorded_by: caller.id, role: roleOf(caller) },
          },
        }
      },
      publish: (received) => publish(gateway, received, asked),
    })
    return { status: 201, body: presentFeedback(value) }
  }
