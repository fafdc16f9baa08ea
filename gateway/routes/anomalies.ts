/** `GET /anomalies` and `GET /anomalies/{anomaly_id}`: what the anomaly agent announced. */
import { notFound } from '../errors.ts'
import type { Gateway, Handler } from '../gateway.ts'
import { instantOf } from '../instant.ts'
import { presentAnomaly } from '../present/anomaly.ts'
import { findAnomaly, listAnomalies as findAnomalies } from '../views/anomalies.ts'
import { pagination } from '../views/sessions.ts'

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

export const getAnomaly =
  ({ pool }: Gateway): Handler<'getAnomaly'> =>
  async ({ params }, caller) => {
    const row = await findAnomaly(pool, caller.tenant, params.anomaly_id)
    if (row === null) throw notFound('anomaly')
    return { status: 200, body: presentAnomaly(row) }
  }
