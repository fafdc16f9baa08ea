/** The process that is measured: `node part.ts report|read DATABASE_URL`. */
import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { answerTo } from '../../agents/postmortem/postmortem.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { singleTenant } from '../../tenants/tenants.ts'
import type { Part } from './large.ts'

const [part, connectionString = ''] = process.argv.slice(2)
const pool = openPool({ connectionString, max: 2 })
await pool.query('SELECT 1')
const idle = process.memoryUsage.rss()
const began = performance.now()
await (part === 'report' ? report(pool) : read(pool))
const measured: Part = { ms: performance.now() - began, memory: process.resourceUsage().maxRSS * 1024, idle }
await pool.end()
process.stdout.write(JSON.stringify(measured))

async function report(pool: Pool): Promise<void> {
  const { signal } = new AbortController()
  const run = { tenant: 'default', startedAt: Date.now(), traceparent: null, requestId: null }
  const question = { postmortem_id: randomUUID(), incident_ids: ['INC-1'], session_ids: [] }
  const options = { pool, tenants: singleTenant, bus: { lag: async () => [] } }
  const answer = await answerTo(question, { run, context: { signal, idempotencyKey: 'bench' }, behind: 0 }, options)
  if ('refused' in answer) throw new Error(`no report: ${answer.refused.text.en}`)
}

/** The baseline: the same rows, a few at a time, and their JSON. */
async function read(pool: Pool): Promise<void> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
    const { rows } = await pool.query<{ event_id: string; body: { data?: string | null } }>(
      'SELECT event_id, body FROM postmortem.events WHERE event_id > $1::uuid ORDER BY event_id LIMIT 50',
      [after],
    )
    for (const { body } of rows) if (typeof body.data === 'string') JSON.parse(body.data)
    const last = rows.at(-1)
    if (last === undefined) return
    after = last.event_id
  }
}
