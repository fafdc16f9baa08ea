/** What a report reads. Anyone who may ask for a diagnosis can name an incident, as often as they like: a report reads a part, and says so. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fold, preparePostmortems } from '../../agents/postmortem/fold.ts'
import { answerTo } from '../../agents/postmortem/postmortem.ts'
import { find, load } from '../../agents/postmortem/store.ts'
import { answer } from '../../agents/tools/answer.ts'
import type { ControlPlaneTool, Deployment, Incident } from '../../agents/tools/tools.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { BEGAN, evidence, MINUTE, series } from './facts.ts'

const told = <T>(operation: string, data: T | null) => answer<T>({ tool: 'control-plane', operation, query: operation, range: null }, async () => ({ data, summary: '' })) // prettier-ignore
/** knows of nothing */
const CONTROL_PLANE: ControlPlaneTool = {
  auditLogs: () => told('audit-logs', []),
  incident: () => told<Incident>('incident', null),
  resolvedIncidents: () => told('incidents', []),
  alerts: () => told('alerts', []),
  deployment: () => told<Deployment>('deployment', null),
  resources: () => told('resources', []),
}

let database: Database
let pool: Pool
beforeAll(async () => {
  database = await createDatabase('postmortem_limits')
  await preparePostmortems(database.url)
  pool = openPool({ connectionString: database.url })
}, 180_000)
afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

it('reads the first thousand sessions of incidents, of each in turn', async () => {
  const of = (incident: string) => ({ event: 'DiagnosisRequested' as const, value: diagnosisRequested({ event_id: randomUUID(), session_id: randomUUID(), incident_ids: [incident] }) }) // prettier-ignore
  await fold(pool, [...Array.from({ length: 1002 }, () => of('INC-many')), of('INC-one')])
  const found = await find(pool, 'default', { session_ids: [], incident_ids: ['INC-many', 'INC-one'] })
  expect(found).toMatchObject({ leftOut: 3, undiagnosed: [], incidentIds: ['INC-many', 'INC-one'] })
  expect(found.sessionIds).toHaveLength(1000)
})

it('writes of an incident that no session names, if the control-plane knows it', async () => {
  const known = (id: string) => (id === 'INC-1' ? { id, title: 'cart is slow', service_name: 'cart', severity: 'P1', status: 'new', started_at: BEGAN } : null) // prettier-ignore
  const controlPlane = { ...CONTROL_PLANE, incident: async (id: string) => told('incident', known(id)) }
  const run = { tenant: 'default', startedAt: BEGAN + MINUTE, traceparent: null, requestId: null }
  const asking = { run, context: { signal: new AbortController().signal, idempotencyKey: 'x' }, behind: 0 }
  const options = { pool, tenants: singleTenant, bus: { lag: async () => [] }, controlPlane }
  const ask = (...incident_ids: string[]) => answerTo({ postmortem_id: randomUUID(), incident_ids, session_ids: [] }, asking, options) // prettier-ignore
  expect(await ask('INC-1')).toMatchObject({ report: { head: { title: { en: 'cart is slow' }, session_ids: [], status: 'open' } } }) // prettier-ignore
  expect(await ask('INC-1', 'INC-2', 'INC-3')).toMatchObject({ refused: { code: 'unknown_ids', about: 'INC-2, INC-3' } }) // prettier-ignore
})

it('reads the answers that it uses, and of the others which failed', async () => {
  const session_id = randomUUID()
  const of = (...[operation, data, change]: Parameters<typeof evidence>) => ({ event: 'EvidenceRecorded' as const, value: { ...evidence(operation, data, change), event_id: randomUUID(), session_id } }) // prettier-ignore
  const signals = of('golden-signals', { series: [series('cart', 'request_rate', '1/s', () => 1), series('cart', 'cpu', 'cores', () => 1)] }) // prettier-ignore
  await fold(pool, [signals, of('logs', { lines: [] }), of('logs', null, { tool: 'loki', status: 'failed' })])
  const { answers } = await load(pool, 'default', [session_id])
  expect(answers.measured(['cart']).map(({ indicator, sources }) => [indicator, sources])).toEqual([['request_rate', [{ kind: 'evidence', id: signals.value.evidence_id }]]]) // prettier-ignore
  expect(answers.failed).toMatchObject([{ tool: 'loki' }])
})
