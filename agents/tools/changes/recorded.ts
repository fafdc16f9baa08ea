/** Answers questions about changes from those recorded on the bus. */
import type { Pool } from 'pg'
import { answer } from '../answer.ts'
import type { AuditLogItem, ControlPlaneTool, Deployment } from '../tools.ts'
import { notes, summaries } from '../notes.ts'

export type RecordedChanges = Pick<ControlPlaneTool, 'auditLogs' | 'deployment'>

/** More changes in one window than this would explain nothing. */
const MOST = 5000

export const recordedChanges = (pool: Pool): RecordedChanges => ({
  auditLogs: ({ services, range }, { tenant = null }) => {
    const query = `recorded changes of ${services.join(', ')}`
    return answer({ tool: 'changes', operation: 'audit-logs', query, range }, async () => {
      const { rows } = await pool.query<Row>(
        `SELECT * FROM changes.changes WHERE tenant = $1 AND service = ANY($2)
           AND changed_at BETWEEN to_timestamp($3 / 1000.0) AND to_timestamp($4 / 1000.0) ORDER BY changed_at DESC LIMIT $5`,
        [tenant, services, range.start, range.end, MOST + 1],
      )
      // no change ever recorded is not the same as none in this window
      if (rows.length === 0 && !(await hasAny(pool, tenant))) return { data: null, summary: summaries.neverRecorded() }
      const data = rows.slice(0, MOST).map(itemOf).reverse()
      const cut = rows.length > MOST ? [notes.newestChanges(MOST)] : []
      return { data, summary: summaries.changes(data.length), warnings: cut, incomplete: cut.length > 0 }
    })
  },

  deployment: (id, { tenant = null }) =>
    answer({ tool: 'changes', operation: 'deployment', query: `recorded deployment ${id}`, range: null }, async () => {
      const { rows } = await pool.query<Row>(
        `SELECT * FROM changes.changes WHERE tenant = $1 AND (deployment_id = $2 OR change_id = $2) ORDER BY changed_at DESC LIMIT 2`,
        [tenant, id],
      )
      const [row, other] = rows
      if (row === undefined) return { data: null, summary: `no deployment ${id} was recorded` }
      if (other !== undefined) return { data: null, summary: `several deployments are named ${id}: use the change id` }
      return { data: deploymentOf(row), summary: `deployments ${id}` }
    }),
})

const hasAny = async (pool: Pool, tenant: string | null): Promise<boolean> =>
  (await pool.query('SELECT FROM changes.changes WHERE tenant = $1 LIMIT 1', [tenant])).rowCount !== 0

interface Row {
  change_id: string
  service: string
  namespace: string | null
  type: string
  author: string | null
  summary: string
  before: string | null
  after: string | null
  deployment_id: string | null
  changed_at: Date
}

const itemOf = (row: Row): AuditLogItem => ({
  id: row.change_id,
  timestamp: row.changed_at.getTime(),
  event_type: row.type,
  author: row.author,
  service_name: row.service,
  summary: row.summary,
  changes: { before: stateOf(row.before), after: stateOf(row.after) },
})

const deploymentOf = (row: Row): Deployment => ({
  id: row.deployment_id ?? row.change_id,
  service_name: row.service,
  namespace: row.namespace,
  image_tag: releaseIn(row.after) ?? row.summary,
  previous_image_tag: releaseIn(row.before),
  started_at: row.changed_at.getTime(),
  finished_at: null,
  status: 'recorded',
})

/** Parsed if it is JSON, else the text: the schema allows both. */
function stateOf(text: string | null): unknown {
  if (text === null) return null
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const RELEASE = ['image_tag', 'version', 'ref', 'revision', 'sha']

function releaseIn(text: string | null): string | null {
  const state = stateOf(text)
  if (typeof state === 'string') return state
  const named = RELEASE.map((name) => (state as Record<string, unknown> | null)?.[name])
  return (
    named.map((one) => (typeof one === 'number' ? String(one) : one)).find((one) => typeof one === 'string') ?? null
  )
}
