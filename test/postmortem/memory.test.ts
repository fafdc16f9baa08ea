/** What is learned of sessions and postmortems enters a real Chroma: once, only what is verified, and out again when it turns out wrong. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import pino from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SessionEvent } from '../../agents/postmortem/facts.ts'
import { fold, preparePostmortems } from '../../agents/postmortem/fold.ts'
import { rememberDue, startRemembering } from '../../agents/postmortem/memory/remember.ts'
import { followReports, keepReport } from '../../agents/postmortem/memory/reports.ts'
import { writeReport } from '../../agents/postmortem/write-report.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { logging } from '../../bus/observer.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { localEmbedder } from '../../memory/embedding.ts'
import type { CollectionName, Entry } from '../../memory/entry.ts'
import { openStore } from '../../memory/store.ts'
import type { ActionCompleted, ApprovalRequested, DiagnosisCompleted, DiagnosisRequested, EvidenceRecorded, FeedbackRecorded, PostmortemCompleted, PostmortemRevised } from '../../schemas/events.generated.ts' // prettier-ignore
import { loadContract } from '../../schemas/contract.ts'
import { until } from '../runtime/counting.ts'
import { startPrivateChroma } from '../servers/chroma.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { approved, BEGAN, diagnosed, evidence, facts, session } from './facts.ts'

let database: Database
let pool: Pool
let chroma: Awaited<ReturnType<typeof startPrivateChroma>>
beforeAll(async () => {
  chroma = await startPrivateChroma()
  database = await createDatabase('remembering')
  await preparePostmortems(database.url)
  pool = openPool({ connectionString: database.url })
}, 180_000)
afterAll(async () => {
  await pool?.end()
  await database?.drop()
  await chroma?.stop()
})

const log = pino({ level: 'silent' })
const place = () => ({ url: chroma.url, embedder: localEmbedder })
async function remember(): Promise<void> {
  while ((await rememberDue(pool, place(), log, new AbortController().signal)) > 0);
}
async function held(tenant: string, id: string, name: CollectionName = 'incident_history'): Promise<Entry | null> {
  return (await openStore(chroma.url, tenant, name, localEmbedder)).get(id)
}
const count = async (tenant: string, name: CollectionName = 'incident_history') =>
  (await openStore(chroma.url, tenant, name, localEmbedder)).count()

interface Change {
  tenant?: string
  request?: Partial<DiagnosisRequested>
  result?: Partial<DiagnosisCompleted>
  approval?: Partial<ApprovalRequested> | null
  acted?: Partial<ActionCompleted>
  recorded?: EvidenceRecorded[]
}

/** A session whose action helped, as its events. */
function story({ tenant = 'default', request, result, approval = {}, acted, recorded = [] }: Change = {}) {
  const id = randomUUID()
  const { requested, closed, acted: done } = approved({}, acted)
  const own = { session_id: id, tenant }
  const { request: asked } = session()
  const as = <E extends SessionEvent['event'] | 'EvidenceRecorded'>(event: E, value: object) => ({ event, value: { ...value, ...own, event_id: randomUUID() } }) as { event: E; value: never } // prettier-ignore
  const events = [
    as('DiagnosisRequested', { ...asked, ...request }),
    as('DiagnosisCompleted', { ...diagnosed(), ...result }),
    ...recorded.map((one) => as('EvidenceRecorded', one)),
    ...(approval === null
      ? []
      : [as('ApprovalRequested', { ...requested, ...approval }), as('ApprovalClosed', closed!), as('ActionCompleted', done!)]), // prettier-ignore
  ]
  const says = (verdict: string, by = 'alice', at = BEGAN) =>
    as('FeedbackRecorded', { sequence: 0, occurred_at: at, revision: 1, verdict, root_cause: null, note: null, recorded_by: by, role: 'operator' } satisfies Omit<FeedbackRecorded, 'event_id' | 'session_id' | 'tenant'>) // prettier-ignore
  return { id, tenant, events, says }
}

test('a diagnosis whose action helped is remembered once, with what was found and what helped', async () => {
  const tenant = 'helped'
  const recorded = [
    evidence('audit-logs', [{ id: 'change-1', event_type: 'DEPLOYMENT' }]),
    evidence('logs', { lines: [{ service: 'cart' }], templates: [{ template: 'pool empty password=hunter2hunter2', isNew: true }, { template: 'old', isNew: false }] }), // prettier-ignore
  ]
  const { id, events } = story({ tenant, recorded })
  await fold(pool, events)
  await remember()
  const entry = await held(tenant, id)
  expect(entry).toMatchObject({ source: 'INC-1', services: ['cart'], time: BEGAN })
  expect(entry?.incident).toEqual({
    ...{ session_id: id, incident_ids: ['INC-1'], service: 'cart', indicator: 'latency_p95', change: 'DEPLOYMENT' },
    templates: ['pool empty password=[REDACTED]'],
    cause: { en: 'cart was deployed just before', zh: 'cart 剛部署' },
    helped: { type: 'rollback', service: 'cart' },
  })
  expect(JSON.stringify(entry)).not.toContain('hunter2')
  // in another order, and again
  await fold(pool, events.toReversed())
  await remember()
  expect([await count(tenant), await count('another tenant')]).toEqual([1, 0])
})

const proposer = { id: 'https://issuer|bob', role: 'operator', client: 'cli', via: 'api' }
const elsewhere = { type: 'restart', service: 'search', namespace: null, parameters: {}, target_state: {} }
test.each<[string, Change, boolean]>([
  ['nobody confirmed it and no action helped', { approval: null }, false],
  ['the action did not help', { acted: { effect: 'unchanged' } }, false],
  ['only undoing an action helped', { approval: { undoes: randomUUID() } }, false],
  ['it found no incident', { result: { verdict: 'inconclusive' } }, false],
  ['it is of a recording', { request: { context: { recording: 'shop-01' } } }, false],
  ['what a person proposed elsewhere helped', { approval: { proposed_by: proposer, action: elsewhere } }, false],
  ['what a person proposed for the cause helped', { approval: { proposed_by: proposer } }, true],
])('a diagnosis, if %s, is remembered only if that verifies it', async (_why, change, isKept) => {
  const { id, tenant, events } = story({ tenant: 'verified', ...change })
  await fold(pool, events)
  await remember()
  expect((await held(tenant, id)) !== null).toBe(isKept)
})

test('what people say counts: right brings it in, wrong takes it out, whoever says so and whatever helped', async () => {
  const { id, tenant, events, says } = story({ tenant: 'said', approval: null })
  const recorded = story({ tenant, approval: null, request: { context: { recording: 'r' } } })
  await fold(pool, [...events, says('right'), ...recorded.events, recorded.says('right')])
  await remember()
  expect((await held(tenant, id))?.incident?.helped).toBeNull()
  expect(await count(tenant)).toBe(1)
  await fold(pool, [says('wrong', 'bob', BEGAN + 1)])
  await remember()
  expect(await held(tenant, id)).toBeNull()
  await fold(pool, [says('right', 'carol', BEGAN + 2)])
  await remember()
  expect(await held(tenant, id)).toBeNull()
  await fold(pool, [says('right', 'bob', BEGAN + 3)])
  await remember()
  expect(await held(tenant, id)).not.toBeNull()
  // long after the session itself was forgotten
  await pool.query(`DELETE FROM postmortem.events WHERE tenant = $1`, [tenant])
  await fold(pool, [says('wrong', 'bob', BEGAN + 4)])
  await remember()
  expect(await held(tenant, id)).toBeNull()
})

function postmortem(tenant: string, sessionIds: string[] = []) {
  const postmortem_id = randomUUID()
  const report = writeReport({ ...facts(), postmortemId: postmortem_id })
  const own = { session_id: null, tenant, postmortem_id, sequence: 0, occurred_at: BEGAN }
  const completed = { ...own, event_id: randomUUID(), revision: 1, run_id: 'postmortem/1', handler_version: '1', status: 'completed', reason: null, incident_ids: ['INC-1'], session_ids: sessionIds, title: { en: 'Slow carts', 'zh-TW': '購物車變慢' }, summary: { en: 'Carts were slow.', 'zh-TW': '購物車變慢。' }, language: null, requested_at: BEGAN, report: JSON.stringify(report), execution_ms: 1 } satisfies PostmortemCompleted // prettier-ignore
  const revised = (edit: number, state: string, change: Partial<PostmortemRevised> = {}) => ({ event: 'PostmortemRevised' as const, value: { ...own, event_id: randomUUID(), edit, report_revision: 1, revised_by: 'alice', role: 'operator', changed: ['state'], state, summary: {}, notes: null, impact_notes: null, action_items: [], ...change } }) // prettier-ignore
  return { id: postmortem_id, completed: { event: 'PostmortemCompleted' as const, value: completed }, revised }
}

test('a postmortem is remembered once people publish it, as they wrote it, and no longer when they take that back', async () => {
  const tenant = 'published'
  const { id, completed, revised } = postmortem(tenant)
  await keepReport(pool, completed)
  await keepReport(pool, revised(1, 'reviewed'))
  await remember()
  expect(await held(tenant, id, 'postmortem_archive')).toBeNull()
  const notes = 'Look at the pool first. token=hunter2hunter2'
  await keepReport(pool, revised(2, 'published', { summary: { en: 'The pool was too small.' }, notes }))
  await keepReport(pool, completed)
  await keepReport(pool, revised(1, 'draft'))
  await remember()
  const entry = await held(tenant, id, 'postmortem_archive')
  expect(entry).toMatchObject({ source: 'INC-1', headings: ['Slow carts'], time: BEGAN })
  expect(entry?.services).toContain('cart')
  expect(entry?.text).toBe('The pool was too small.\n\n購物車變慢。\n\nLook at the pool first. token=[REDACTED]')
  await keepReport(pool, revised(3, 'draft'))
  await remember()
  expect(await count(tenant, 'postmortem_archive')).toBe(0)
})

test('postmortems and their edits are read from the bus', async () => {
  const tenant = 'from the bus'
  const contract = loadContract()
  await preparePostgresBus(database.url, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  const following = await followReports({ bus, contract, pool, observer: logging(log) })
  const { id, completed, revised } = postmortem(tenant)
  const edit = revised(1, 'published')
  // an edit may be read before the report it is of
  await bus.publish([await bus.encode(edit.event, edit.value)])
  await bus.publish([await bus.encode(completed.event, completed.value)])
  const remembering = startRemembering({ pool, place: place(), log, everyMs: 20 })
  await until(60_000, 'it enters', async () => (await held(tenant, id, 'postmortem_archive')) ?? undefined)
  await remembering.stop()
  await following.stop()
  await bus.close()
})

test('a published postmortem of recordings is not remembered', async () => {
  const tenant = 'recorded'
  const { id: sessionId, events } = story({ tenant, request: { context: { recording: 'shop-01' } } })
  await fold(pool, events)
  const { completed, revised } = postmortem(tenant, [sessionId])
  await keepReport(pool, completed)
  await keepReport(pool, revised(1, 'published'))
  await remember()
  expect(await count(tenant, 'postmortem_archive')).toBe(0)
})

test('what is learned while Chroma is away waits, however often it fails, and then enters', async () => {
  const tenant = 'away'
  const { id, events } = story({ tenant })
  await chroma.kill()
  await fold(pool, events)
  const signal = new AbortController().signal
  await expect(rememberDue(pool, place(), log, signal)).rejects.toThrow('did not answer')
  // the next try is a minute later
  const soon = () => pool.query('UPDATE postmortem.to_remember SET due_at = clock_timestamp()')
  await soon()
  const remembering = startRemembering({ pool, place: place(), log, everyMs: 20 })
  await until(60_000, 'it fails once more', async () => {
    const { rows } = await pool.query('SELECT FROM postmortem.to_remember WHERE due_at > clock_timestamp()')
    return rows.length > 0 ? true : undefined
  })
  await chroma.start()
  await soon()
  await until(60_000, 'it enters', async () => (await held(tenant, id)) ?? undefined)
  await remembering.stop()
  expect(await count(tenant)).toBe(1)
})
