/** What the agents report of themselves and their tools: the last report of each instance. */
import type { Pool } from 'pg'
import type { AgentStatus } from '../../schemas/events.generated.ts'

/** Anyone can write to a topic without ACLs: more instances than that push out the oldest, and longer texts and lists are cut. */
const MOST_INSTANCES = 1000
const MOST_TOOLS = 50
const MOST_LANGUAGES = 10
const LONGEST = 500

export interface ReportRow {
  report: AgentStatus
  /** ms since the epoch: its own time or its arrival, whichever is earlier, so that neither a wrong clock nor a replay makes it look newer */
  at: number
}

/** Safe to repeat, in any order. */
export async function foldReports(pool: Pool, reports: readonly AgentStatus[]): Promise<void> {
  if (reports.length === 0) return
  const newest = new Map<string, AgentStatus>()
  for (const one of reports) {
    const known = newest.get(one.instance)
    if (known === undefined || known.occurred_at < one.occurred_at) newest.set(one.instance, one)
  }
  const rows = [...newest.values()].map((one) => ({
    instance: one.instance.slice(0, LONGEST),
    agent: one.agent.slice(0, LONGEST),
    occurred_at: one.occurred_at,
    report: bounded(one),
  }))
  await pool.query(
    `INSERT INTO gateway.agents AS a (instance, agent, report, occurred_at)
     SELECT DISTINCT ON (instance) instance, agent, report, occurred_at
     FROM json_to_recordset($1) AS n (instance text, agent text, report json, occurred_at bigint) ORDER BY instance, occurred_at DESC
     ON CONFLICT (instance) DO UPDATE
     SET agent = excluded.agent, report = excluded.report, occurred_at = excluded.occurred_at, folded_at = excluded.folded_at
     WHERE a.occurred_at < excluded.occurred_at`,
    [JSON.stringify(rows)],
  )
  await pool.query(
    `DELETE FROM gateway.agents WHERE instance IN (SELECT instance FROM gateway.agents ORDER BY folded_at DESC, instance OFFSET $1)`,
    [MOST_INSTANCES],
  )
}

/** Of the instances that did not say they were stopping. */
export async function listReports(pool: Pool): Promise<ReportRow[]> {
  const { rows } = await pool.query<{ report: AgentStatus; at: string }>(
    `SELECT report, least(occurred_at, folded_at) AS at FROM gateway.agents WHERE report->>'state' <> 'stopping' ORDER BY agent, instance`,
  )
  return rows.map(({ report, at }) => ({ report, at: Number(at) }))
}

function bounded(report: AgentStatus): AgentStatus {
  const cut = (text: string): string => text.slice(0, LONGEST)
  const cutAll = (texts: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(texts).slice(0, MOST_LANGUAGES).map(([language, text]) => [cut(language), cut(text)])) // prettier-ignore
  const cutOrNull = (text: string | null): string | null => (text === null ? null : cut(text))
  return {
    ...report,
    version: cut(report.version),
    tools: report.tools.slice(0, MOST_TOOLS).map((one) => ({
      ...one,
      ...{
        tool: cut(one.tool),
        status: cut(one.status),
        endpoint: cutOrNull(one.endpoint),
        error: cutOrNull(one.error),
      },
      capabilities: one.capabilities.slice(0, MOST_TOOLS).map(cut),
    })),
    workflows: report.workflows.slice(0, MOST_TOOLS).map((one) => ({
      ...{ id: cut(one.id), version: cut(one.version), name: cutAll(one.name), event: cut(one.event) },
      kinds: one.kinds.slice(0, MOST_TOOLS).map(cut),
      steps: one.steps.slice(0, MOST_TOOLS).map(({ id, name }) => ({ id: cut(id), name: cutAll(name) })),
    })),
  }
}
