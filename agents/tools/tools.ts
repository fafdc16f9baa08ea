/** The queries agents may make, to live servers or a recording. Timestamps are ms since the epoch, UTC. */
import type { Span, TimeRange } from '../../analysis/observations.ts'
import type { Recalled, Recalling } from '../../memory/recall.ts'
import type { ToolResult } from '../runtime/tool-result.ts'

/** Passed with every call. A tool never throws when the source fails; it returns `failed`. */
export interface CallContext {
  signal: AbortSignal
  traceparent?: string | null
  /** id of the originating request; sent as X-Request-ID */
  requestId?: string | null
  /** ms since the epoch at which a person or program made the request: an answer as new as that is new enough; absent: now */
  requestedAt?: number
  /** bytes that may still be received for this question (`bounded`) */
  budget?: { bytes: number; left: number }
  /** tenant of the request: a source may separate tenants */
  tenant?: string
}

/** A series as plain JSON: `times` ascends, a missing sample is an absent point. */
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
  /** the metric convention: `otel-http`, `istio`, `http-requests`, `recording` … */
  profile: string
  /** ms before a sample that rates and quantiles were computed from; absent: unknown */
  rate_window_ms?: number
  series: MetricSeries[]
  /** medians before and during, if a baseline was given */
  comparison: Comparison[]
}

export interface MetricsQuery {
  service: string
  namespace?: string | null
  /** leaves out what may belong to another namespace, and so to another tenant */
  strict?: boolean
  /** default: the golden signals; `usage` adds what capacity needs */
  signals?: readonly ('latency' | 'traffic' | 'errors' | 'saturation' | 'usage')[]
  /** restricts to one canonical indicator, used to verify an action with the same query */
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
  /** templates with counts before and during; `isNew`: absent before */
  templates: { template: string; before: number; during: number; isNew: boolean; level?: string }[]
  /** OOMKilled, panic, connection errors … with their line counts */
  critical: { kind: string; count: number; example: string }[]
}

export interface LogsQuery {
  service: string
  namespace?: string | null
  /** leaves out what may belong to another namespace, and so to another tenant */
  strict?: boolean
  level?: string
  /** plain text the line contains */
  pattern?: string
  range: TimeRange
  baseline?: TimeRange
  /** most lines of the range and of the baseline, each; default 5000. The newest are kept; with a baseline, lines across the whole range */
  limit?: number
}

export interface TracesAnswer {
  /** of complete traces: all services they passed through */
  spans: Span[]
  /** number of traces the spans belong to */
  traces: number
}

export interface TracesQuery {
  /** traces that pass through one of these; absent: any */
  services?: readonly string[]
  range: TimeRange
  baseline?: TimeRange
  /** most traces of the range and of the baseline, each, sampled across the whole range; default 500 */
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
  /** when a person first acknowledged it; absent: unknown, or nobody did */
  acknowledged_at?: number
  /** absent: unknown, or not ended */
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
  /** may be in the future while the alert fires; absent: unknown, or not ended */
  ended_at?: number
  labels: Record<string, string>
}

export interface Resource {
  service_name: string
  namespace: string | null
  /** the running release, if the control-plane knows it */
  image_tag: string | null
  replicas: number | null
  /** null: unknown, which is not the same as no dependencies */
  depends_on: string[] | null
  /** number of dependencies that belong to other tenants; absent: none */
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
  /** changes of these services, and changes without a service if the source has them */
  auditLogs(
    query: { services: readonly string[]; range: TimeRange },
    context: CallContext,
  ): Promise<ToolResult<AuditLogItem[]>>
  incident(id: string, context: CallContext): Promise<ToolResult<Incident>>
  /** resolved incidents, at least those that ended in the range */
  resolvedIncidents(query: { range: TimeRange }, context: CallContext): Promise<ToolResult<Incident[]>>
  alerts(query: { range: TimeRange }, context: CallContext): Promise<ToolResult<FiringAlert[]>>
  deployment(id: string, context: CallContext): Promise<ToolResult<Deployment>>
  /** `service` null: the whole service graph */
  resources(query: { service: string | null }, context: CallContext): Promise<ToolResult<Resource[]>>
}

export interface MemoryTool {
  /** what is kept for the tenant of the call */
  recall(what: Recalling, context: CallContext): Promise<ToolResult<Recalled>>
}

/** Read-only: what the assistant holds. */
export interface Tools {
  /** absent: none is configured, or a recording is read, which has no past */
  memory?: MemoryTool
  metrics: MetricsTool
  logs: LogsTool
  /** absent: no trace store is configured */
  traces?: TracesTool
  controlPlane: ControlPlaneTool
}

export interface ExecutionRequest {
  /** name of the script in the control-plane's catalog: rollback, restart … */
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

/** The only tool that can write; only the executor holds one. */
export interface ControlPlaneWriter {
  /** `no_data`: refused, so nothing was started. `failed`: unknown whether it was started; the same key may be sent again. */
  execute(request: ExecutionRequest, context: CallContext): Promise<ToolResult<Execution>>
  execution(id: string, context: CallContext): Promise<ToolResult<Execution>>
}
