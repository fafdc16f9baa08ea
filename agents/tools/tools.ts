/** The questions agents may ask, whoever answers: live servers or a recording. Instants are ms since the epoch, UTC. */
import type { Span, TimeRange } from '../../analysis/observations.ts'
import type { ToolResult } from '../runtime/tool-result.ts'

/** What travels with every call. A tool never throws for what the source does: it answers `failed`. */
export interface CallContext {
  signal: AbortSignal
  traceparent?: string | null
  /** of the request that led here: goes out as X-Request-ID */
  requestId?: string | null
  /** bytes that may still come in answer to this question (`bounded`) */
  budget?: { bytes: number; left: number }
  /** for whom it is asked: a source may keep tenants apart */
  tenant?: string
}

/** Plain-JSON form of a series: `times` ascends, a missing sample is an absent point. */
export interface MetricSeries {
  service: string
  instance?: string
  /** canonical name: latency_p50, latency_p95, latency_p99 (ms), request_rate (1/s), error_ratio, error_rate (1/s), cpu, memory, disk … */
  indicator: string
  unit?: string
  times: number[]
  values: number[]
}

export interface Comparison {
  service: string
  indicator: string
  unit?: string
  before: number | null
  during: number | null
}

export interface MetricsAnswer {
  /** the convention the metrics were found under: `otel-http`, `istio`, `http-requests`, `recording` … */
  profile: string
  series: MetricSeries[]
  /** medians before and during, where a baseline was asked for */
  comparison: Comparison[]
}

export interface MetricsQuery {
  service: string
  namespace?: string | null
  /** what cannot be told to be of the namespace is left out: it may be another tenant's */
  strict?: boolean
  /** default: the golden signals; `usage` is what capacity needs beyond them */
  signals?: readonly ('latency' | 'traffic' | 'errors' | 'saturation' | 'usage')[]
  /** restricts to one canonical indicator, to verify an action with the same question */
  indicator?: string
  range: TimeRange
  /** undisturbed time to compare with; included in the series */
  baseline?: TimeRange
  /** s between points; default: chosen so that a series stays below 11,000 points */
  stepS?: number
}

export interface LogEntry {
  timestamp: number
  service: string
  instance?: string
  level?: string
  message: string
  traceId?: string
}

export interface LogsAnswer {
  lines: LogEntry[]
  /** lines by level */
  levels: Record<string, number>
  /** templates with counts before and during; `isNew`: none before */
  templates: { template: string; before: number; during: number; isNew: boolean; level?: string }[]
  /** OOMKilled, panic, connection errors … with their number of lines */
  critical: { kind: string; count: number; example: string }[]
}

export interface LogsQuery {
  service: string
  namespace?: string | null
  /** what cannot be told to be of the namespace is left out: it may be another tenant's */
  strict?: boolean
  level?: string
  /** plain text the line contains */
  pattern?: string
  range: TimeRange
  baseline?: TimeRange
  /** lines at most, of the range and of the baseline each; default 5000. The newest are kept; with a baseline, some of the whole time */
  limit?: number
}

export interface TracesAnswer {
  /** of whole traces: what they passed through, whichever service was asked about */
  spans: Span[]
  /** how many traces these are of */
  traces: number
}

export interface TracesQuery {
  /** traces that pass through one of these; absent: any */
  services?: readonly string[]
  range: TimeRange
  baseline?: TimeRange
  /** traces at most, of the range and of the baseline each, from the whole time; default 500 */
  limit?: number
}

export interface AuditLogItem {
  id: string
  timestamp: number
  event_type: string
  author: string | null
  service_name: string
  summary: string
  changes: { before?: unknown; after?: unknown } | null
}

export interface Deployment {
  id: string
  service_name: string
  namespace: string | null
  image_tag: string
  previous_image_tag: string | null
  started_at: number
  finished_at: number | null
  status: string
}

export interface Incident {
  id: string
  title: string
  service_name: string
  severity: string
  status: string
  started_at: number
  /** absent: not known, or not yet */
  ended_at?: number
}

export interface FiringAlert {
  id: string
  service_name: string
  name: string
  summary: string
  severity: string
  status: string
  started_at: number
  /** may lie ahead of one that fires; absent: not known, or not yet */
  ended_at?: number
  labels: Record<string, string>
}

export interface Resource {
  service_name: string
  namespace: string | null
  /** the release that runs now, where the control-plane knows */
  image_tag: string | null
  replicas: number | null
  /** null: not known, which is not the same as calling nobody */
  depends_on: string[] | null
  /** how many more it calls that are not this tenant's; absent: none */
  outside?: number
}

export interface MetricsTool {
  goldenSignals(query: MetricsQuery, context: CallContext): Promise<ToolResult<MetricsAnswer>>
}

export interface LogsTool {
  logs(query: LogsQuery, context: CallContext): Promise<ToolResult<LogsAnswer>>
}

export interface TracesTool {
  traces(query: TracesQuery, context: CallContext): Promise<ToolResult<TracesAnswer>>
}

export interface ControlPlaneTool {
  /** changes of these services, and where the source knows them, changes that name none */
  auditLogs(
    query: { services: readonly string[]; range: TimeRange },
    context: CallContext,
  ): Promise<ToolResult<AuditLogItem[]>>
  incident(id: string, context: CallContext): Promise<ToolResult<Incident>>
  /** those that are over, at least where they ended in the range */
  resolvedIncidents(query: { range: TimeRange }, context: CallContext): Promise<ToolResult<Incident[]>>
  alerts(query: { range: TimeRange }, context: CallContext): Promise<ToolResult<FiringAlert[]>>
  deployment(id: string, context: CallContext): Promise<ToolResult<Deployment>>
  /** `service` null: the whole service graph */
  resources(query: { service: string | null }, context: CallContext): Promise<ToolResult<Resource[]>>
}

/** Read-only: what the assistant holds. */
export interface Tools {
  metrics: MetricsTool
  logs: LogsTool
  /** absent: nothing here keeps traces */
  traces?: TracesTool
  controlPlane: ControlPlaneTool
}

export interface ExecutionRequest {
  /** name in the control-plane's catalog of scripts: rollback, restart … */
  scriptId: string
  parameters: Record<string, string>
  targets: string[]
  dryRun: boolean
  idempotencyKey: string
}

export interface Execution {
  execution_id: string
  status: string
  output: string | null
}

/** What may change the world: only the executor holds one. */
export interface ControlPlaneWriter {
  /** `no_data`: refused, so this call runs nothing. `failed`: whether it does is not known; the same key may be sent again. */
  execute(request: ExecutionRequest, context: CallContext): Promise<ToolResult<Execution>>
  execution(id: string, context: CallContext): Promise<ToolResult<Execution>>
}
