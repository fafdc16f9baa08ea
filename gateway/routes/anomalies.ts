/** `GET /anomalies`, `GET /anomalies/events` and `GET /anomalies/{anomaly_id}`: what the anomaly agent announced. `POST …/expectation`: what people expect. */
import { roleOf } from '../auth/caller.ts'
import { forbidden, notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { instantOf } from '../instant.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { presentAnomaly, presentExpectation } from '../present/anomaly.ts'
import { expecting as texts } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import { changedAnomalies, findAnomaly, listAnomalies as findAnomalies } from '../views/anomalies.ts'
import { pagination } from '../views/sessions.ts'
import { streamChanges } from './changes.ts'

export const listAnomalies =
  ({ pool }: Gateway): Handler<'listAnomalies'> =>
  async ({ query }, caller) => {
    const { start_time, end_time, ...filter } = query
    const { rows, total } = await findAnomalies(pool, caller.tenant, {
      ...filter,
      ...(start_time === undefined ? {} : { start: instantOf(start_time) }),
      ...(end_time === undefined ? {} : { end: instantOf(end_time) }),
    })
    return { status: 200, body: { items: rows.map(presentAnomaly), pagination: pagination(query, total) } }
  }

export const streamAnomalies =
  (gateway: Gateway): Handler<'streamAnomalies'> =>
  async ({ query, headers, reply }, caller) => {
    const stream = streamChanges(gateway, caller, reply, {
      name: 'anomaly',
      after: headers['last-event-id'],
      read: async (part) =>
        (await changedAnomalies(gateway.pool, caller.tenant, query, part)).map((row) => ({
          ...{ changed: row.changed, id: row.anomaly_id, data: presentAnomaly(row) },
        })),
    })
    // the document types the body as text; this streams it
    return { status: 200, body: stream as unknown as string }
  }

export const getAnomaly =
  ({ pool }: Gateway): Handler<'getAnomaly'> =>
  async ({ params }, caller) => {
    const row = await findAnomaly(pool, caller.tenant, params.anomaly_id)
    if (row === null) throw notFound('anomaly')
    return { status: 200, body: presentAnomaly(row) }
  }

export const expectAnomaly =
  (gateway: Gateway): Handler<'expectAnomaly'> =>
  async ({ params, body, headers, request, ...asked }, caller) => {
    if (caller.kind !== 'person') throw forbidden(texts.notAPerson)
    const keyed = {
      caller,
      key: headers['idempotency-key'],
      request: { path: request.routeOptions.url, anomaly_id: params.anomaly_id, body },
    }
    const { value } = await publishOnce(gateway.pool, keyed, {
      prepare: async () => {
        const row = await findAnomaly(gateway.pool, caller.tenant, params.anomaly_id)
        if (row === null) throw notFound('anomaly')
        const { services, series } = row.body
        const now = gateway.now()
        return {
          event: 'AnomalyExpected' as const,
          value: {
            ...{ ...stamp(caller.tenant, now), session_id: null, anomaly_id: row.anomaly_id, services },
            indicators: [...new Set(series.map(({ indicator }) => indicator))],
            ...{ until: now + body.seconds * 1000, reason: body.reason ?? null },
            ...{ expected_by: caller.id, role: roleOf(caller) },
          },
        }
      },
      publish: (received) => publish(gateway, received, asked),
    })
    return { status: 200, body: presentExpectation(value) }
  }
