/** Keeps the events of sessions for later postmortems; reads them in a consumer group of its own. */
import { join } from 'node:path'
import type { Pool } from 'pg'
import type { Logger } from 'pino'
import type { Bus, Consumption, Observer, Received, Rejection } from '../../bus/bus.ts'
import { tellDropped } from '../../bus/dropped.ts'
import { migrate } from '../../bus/postgres/migrate.ts'
import { hear } from '../../bus/statements/heard.ts'
import { storable } from '../../bus/storable.ts'
import { takeWhatFits } from '../../bus/take-what-fits.ts'
import { uuidKey } from '../../bus/uuid-key.ts'
import type { Contract } from '../../schemas/contract.ts'
import type { EventName, Events } from '../../schemas/events.generated.ts'
import type { KeySet } from '../../schemas/signed.ts'
import { type Forget, forgetRows } from '../runtime/retention.ts'

export const SESSIONS_GROUP = 'sre-postmortem-sessions'
const CONSUMER = 'postmortem'

/** Statements among them count only with the executor's signature. */
export const foldedEvents = [
  'DiagnosisRequested',
  'EvidenceRecorded',
  'DiagnosisCompleted',
  'ApprovalRequested',
  'ApprovalCounted',
  'ApprovalClosed',
  'ActionCompleted',
  'FeedbackRecorded',
] as const satisfies readonly EventName[]

type Folded = (typeof foldedEvents)[number]
type FoldedEvent = { [E in Folded]: { event: E; value: Events[E] } }[Folded]

/** Anyone can publish events: beyond this number, those of one session go to dead letters. */
const MOST_EVENTS = 20_000

export const preparePostmortems = (databaseUrl: string): Promise<void> =>
  migrate(databaseUrl, 'postmortem', join(import.meta.dirname, 'migrations'))

export interface FollowOptions {
  bus: Bus
  contract: Contract
  pool: Pool
  /** public keys of the executors */
  keys: KeySet
  log: Logger
  observer: Observer
}

/** Reads the topics from their beginning. */
export const followSessions = ({ bus, contract, pool, keys, log, observer }: FollowOptions): Promise<Consumption> =>
  bus.subscribe({
    group: SESSIONS_GROUP,
    consumer: CONSUMER,
    topics: foldedEvents.map((event) => contract.topicOf(event).name),
    observer,
    async handle(records) {
      const { believed, ignored } = await hear(records, { keys, log })
      const { kept, refused } = await withinBounds(pool, believed)
      const rejections = await takeWhatFits(kept, 'cannot_be_kept', (some) =>
        fold(pool, some as readonly FoldedEvent[]),
      )
      return [...ignored, ...refused, ...rejections]
    },
  })

/** Safe to repeat, in any order. */
export async function fold(pool: Pool, events: readonly FoldedEvent[]): Promise<void> {
  const rows = events.map(({ event, value }) => {
    const { event_id, tenant, session_id, occurred_at } = value
    const approval_id = 'approval_id' in value ? uuidKey(value.approval_id) : null
    return { event_id, tenant, session_id, event, occurred_at, body: value, approval_id }
  })
  const incidents = events.flatMap(({ event, value }) =>
    event === 'DiagnosisRequested'
      ? value.incident_ids.map((incident_id) => ({ incident_id, tenant: value.tenant, session_id: value.session_id }))
      : [],
  )
  await pool.query(
    `WITH told AS (
       INSERT INTO postmortem.events (event_id, tenant, session_id, event, occurred_at, body, approval_id)
       SELECT event_id, tenant, session_id, event, occurred_at, body, approval_id FROM json_to_recordset($1)
         AS n (event_id uuid, tenant text, session_id uuid, event text, occurred_at bigint, body json, approval_id uuid)
       ON CONFLICT DO NOTHING RETURNING tenant, session_id, event),
     learned AS (
       INSERT INTO postmortem.to_remember AS known (tenant, kind, id)
       SELECT DISTINCT tenant, 'session', session_id FROM told WHERE event <> 'EvidenceRecorded' ORDER BY tenant, session_id
       ON CONFLICT (tenant, kind, id) DO UPDATE SET told = known.told + 1, due_at = clock_timestamp(), told_at = clock_timestamp())
     INSERT INTO postmortem.incidents (incident_id, tenant, session_id)
     SELECT incident_id, tenant, session_id FROM json_to_recordset($2) AS n (incident_id text, tenant text, session_id uuid)
     ON CONFLICT DO NOTHING`,
    [JSON.stringify(rows), JSON.stringify(incidents)],
  )
}

/** Replicas count separately, so a limit may be exceeded by one batch each. */
async function withinBounds(
  pool: Pool,
  records: readonly Received[],
): Promise<{ kept: Received[]; refused: Rejection[] }> {
  const keyOf = ({ value: { session_id, tenant } }: Received) => `${uuidKey(session_id ?? '') ?? ''} ${tenant}`
  const asked = records.filter(({ value: { session_id } }) => uuidKey(session_id ?? '') !== null)
  const { rows } = await pool.query<{ session_id: string; tenant: string; events: number }>(
    `SELECT session_id, tenant, (SELECT count(*)::int FROM (SELECT FROM postmortem.events e
       WHERE e.session_id = asked.session_id AND e.tenant = asked.tenant LIMIT $3) AS part) AS events
     FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS told (session_id, tenant)) AS asked`,
    [
      asked.map(({ value }) => uuidKey(value.session_id ?? '')),
      asked.map(({ value }) => storable(value.tenant)),
      MOST_EVENTS,
    ],
  )
  const known = new Map(rows.map(({ session_id, tenant, events }) => [`${uuidKey(session_id)} ${tenant}`, events]))
  const refused: Rejection[] = []
  const kept = records.filter((received) => {
    const events = known.get(keyOf(received)) ?? 0
    known.set(keyOf(received), events + 1)
    if (events < MOST_EVENTS) return true
    refused.push({ received, code: 'too_many', reason: `the session already has ${events} events` })
    return false
  })
  tellDropped('session_event', refused.length)
  return { kept, refused }
}

export const forgetSessions = (pool: Pool): Forget[] => [
  forgetRows(
    pool,
    `DELETE FROM postmortem.events WHERE ctid = ANY(ARRAY(SELECT ctid FROM postmortem.events WHERE folded_at < $1 LIMIT $2))`,
  ),
  forgetRows(
    pool,
    `DELETE FROM postmortem.incidents WHERE ctid = ANY(ARRAY(SELECT ctid FROM postmortem.incidents WHERE folded_at < $1 LIMIT $2))`,
  ),
]
