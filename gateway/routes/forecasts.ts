/** `GET /forecasts`, `GET /forecasts/events` and `GET /forecasts/{forecast_id}`: what the anomaly agent foretold. */
import { notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { instantOf } from '../instant.ts'
import { presentForecast } from '../present/forecast.ts'
import { changedForecasts, findForecast, listForecasts as findForecasts } from '../views/forecasts.ts'
import { pagination } from '../views/sessions.ts'
import { streamChanges } from './changes.ts'

export const listForecasts =
  ({ pool }: Gateway): Handler<'listForecasts'> =>
  async ({ query }, caller) => {
    const { start_time, end_time, ...filter } = query
    const { rows, total } = await findForecasts(pool, caller.tenant, {
      ...filter,
      ...(start_time === undefined ? {} : { start: instantOf(start_time) }),
      ...(end_time === undefined ? {} : { end: instantOf(end_time) }),
    })
    return { status: 200, body: { items: rows.map(presentForecast), pagination: pagination(query, total) } }
  }

export const streamForecasts =
  (gateway: Gateway): Handler<'streamForecasts'> =>
  async ({ query, headers, reply }, caller) => {
    const stream = streamChanges(gateway, caller, reply, {
      name: 'forecast',
      after: headers['last-event-id'],
      read: async (part) =>
        (await changedForecasts(gateway.pool, caller.tenant, query, part)).map((row) => ({
          ...{ changed: row.changed, id: row.forecast_id, data: presentForecast(row) },
        })),
    })
    // the document types the body as text; this streams it
    return { status: 200, body: stream as unknown as string }
  }

export const getForecast =
  ({ pool }: Gateway): Handler<'getForecast'> =>
  async ({ params }, caller) => {
    const row = await findForecast(pool, caller.tenant, params.forecast_id)
    if (row === null) throw notFound('forecast')
    return { status: 200, body: presentForecast(row) }
  }
