/** One status per tool, from what each agent last reported. */
import type { ToolReport, ToolStatus, ToolStatuses } from '../api.generated.ts'
import type { AgentTool } from '../../schemas/events.generated.ts'
import type { ReportRow } from '../views/agents.ts'
import { type Language, timeOf, timeOrNull } from './language.ts'
import { tools as texts } from './texts.ts'

const MISSED = 3
/** ms; no report may claim to be current for longer */
const LONGEST_MS = 600_000

interface Seen {
  row: ReportRow
  tool: AgentTool
  stale: boolean
}

export function presentTools(rows: readonly ReportRow[], now: number, language: Language): ToolStatuses {
  const isStale = ({ report, at }: ReportRow): boolean => now - at > Math.min(report.interval_ms * MISSED, LONGEST_MS)
  const seen = [...Map.groupBy(rows, ({ report }) => report.agent).values()]
    .flatMap((ofAgent) => currentOf(ofAgent, isStale))
    .flatMap((row) => row.report.tools.map((tool) => ({ row, tool, stale: isStale(row) })))
  const named = [...Map.groupBy(seen, ({ tool }) => tool.tool)].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(named.map(([name, ofTool]) => [name, statusOf(ofTool, language)]))
}

/** Its current instances; if there is none, the last one that reported. */
function currentOf(rows: readonly ReportRow[], isStale: (row: ReportRow) => boolean): readonly ReportRow[] {
  const current = rows.filter((row) => !isStale(row))
  return current.length > 0 ? current : rows.toSorted((one, other) => other.at - one.at).slice(0, 1)
}

function statusOf(seen: readonly Seen[], language: Language): ToolStatus {
  const reports = seen.map((one) => reportOf(one, language))
  const configured = seen.filter(({ tool }) => tool.status !== 'not_configured')
  // the newest answer, of a current report if there is one
  const [told] = configured.toSorted(
    (one, other) => Number(one.stale) - Number(other.stale) || other.row.at - one.row.at,
  )
  const answers = configured.flatMap(({ tool }) => tool.answered_at ?? [])
  return {
    status: overall(reports.map(({ status }) => status)),
    endpoint: told?.tool.endpoint ?? null,
    response_time: inSeconds(told?.tool.response_ms ?? null),
    capabilities: [...new Set(seen.flatMap(({ tool }) => tool.capabilities))],
    error: reports.find(({ error }) => error !== null)?.error ?? null,
    checked_at: timeOrNull(told?.tool.checked_at ?? null),
    last_answer_at: timeOrNull(answers.length === 0 ? null : Math.max(...answers)),
    reports,
  }
}

function overall(states: readonly string[]): string {
  const [first, ...others] = new Set(states.filter((one) => one !== 'not_configured'))
  if (first === undefined) return 'not_configured'
  return others.length === 0 ? first : 'degraded'
}

function reportOf({ row: { report, at }, tool, stale }: Seen, language: Language): ToolReport {
  return {
    ...{ agent: report.agent, instance: report.instance, version: report.version },
    reported_at: timeOf(at),
    stale,
    status: stale && tool.status !== 'not_configured' ? 'unknown' : stateOf(tool),
    response_time: inSeconds(tool.response_ms),
    calls: tool.calls,
    failed_calls: tool.failed_calls,
    error: stale ? texts.stale(report.agent, timeOf(at))[language] : tool.error,
  }
}

/** A tool that answers checks while half of its queries fail is not healthy. */
function stateOf({ status, calls, failed_calls }: AgentTool): string {
  if (status === 'failed') return 'unavailable'
  if (status !== 'ok') return status
  return failed_calls > 0 && failed_calls * 2 >= calls ? 'degraded' : 'available'
}

const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000)
