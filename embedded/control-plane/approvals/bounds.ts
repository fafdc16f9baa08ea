/** Limits the open approvals kept here. Excess ones go to dead letters with their reason, and are counted. */
import type { Pool } from 'pg'
import { type OpenBounds, openBounds } from '../../../agents/executor/open-bounds.ts'
import type { Received, Rejection } from '../../../bus/bus.ts'
import { tellDropped } from '../../../bus/dropped.ts'
import { storable } from '../../../bus/storable.ts'
import { uuidKey } from '../../../bus/uuid-key.ts'

type Asked = Extract<Received, { event: 'ApprovalRequested' }>

/** Splits a batch into what is kept and what is refused. Known approvals do not count again. */
export function createOpenBound(pool: Pool, bounds: OpenBounds = openBounds) {
  return async (records: readonly Received[]): Promise<{ kept: Received[]; refused: Rejection[] }> => {
    // the database cannot store these; storing them will fail and send them to dead letters
    const asked = records
      .filter(isAsked)
      .filter(({ value }) => uuidKey(value.approval_id) !== null && storable(value.tenant) === value.tenant)
    const known = await knownOf(pool, asked)
    const open = await openOf(pool, asked, bounds)
    const tooMany = new Set<Received>()
    for (const received of asked) {
      const { approval_id, tenant } = received.value
      const key = keyOf(approval_id, tenant)
      if (known.has(key)) continue
      const ofTenant = open.tenants.get(tenant) ?? 0
      if (ofTenant >= bounds.tenant || open.all >= bounds.all) tooMany.add(received)
      else {
        known.add(key)
        open.tenants.set(tenant, ofTenant + 1)
        open.all += 1
      }
    }
    tellDropped('open_approval', tooMany.size)
    const reason = `${bounds.tenant} approvals of its tenant, or ${bounds.all} in all, are already open`
    return {
      kept: records.filter((received) => !tooMany.has(received)),
      refused: [...tooMany].map((received) => ({ received, code: 'too_many', reason })),
    }
  }
}

const isAsked = (one: Received): one is Asked => one.event === 'ApprovalRequested'

const keyOf = (id: string, tenant: string): string => `${uuidKey(id)} ${tenant}`

async function knownOf(pool: Pool, asked: readonly Asked[]): Promise<Set<string>> {
  if (asked.length === 0) return new Set()
  const { rows } = await pool.query<{ id: string; tenant: string }>(
    `SELECT approval_id AS id, tenant FROM control_plane.approvals WHERE approval_id = ANY($1::uuid[]) AND request IS NOT NULL`,
    [asked.map(({ value }) => uuidKey(value.approval_id))],
  )
  return new Set(rows.map(({ id, tenant }) => keyOf(id, tenant)))
}

/** Counts up to the limits only. */
async function openOf(pool: Pool, asked: readonly Asked[], bounds: OpenBounds) {
  if (asked.length === 0) return { tenants: new Map<string, number>(), all: 0 }
  const { rows } = await pool.query<{ tenant: string; open: number; all: number }>(
    `SELECT tenant,
       (SELECT count(*)::int FROM (SELECT FROM control_plane.approvals a
         WHERE a.tenant = asked.tenant AND a.request IS NOT NULL AND a.closed IS NULL LIMIT $2) AS part) AS open,
       (SELECT count(*)::int FROM (SELECT FROM control_plane.approvals a
         WHERE a.request IS NOT NULL AND a.closed IS NULL LIMIT $3) AS part) AS all
     FROM unnest($1::text[]) AS asked(tenant)`,
    [[...new Set(asked.map(({ value }) => value.tenant))], bounds.tenant, bounds.all],
  )
  return { tenants: new Map(rows.map(({ tenant, open }) => [tenant, open])), all: rows[0]?.all ?? 0 }
}
