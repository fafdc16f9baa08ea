/** Metric conventions: how services are measured. */
import type { Indicator } from './indicator.ts'
import { equals, labelName, type Matcher } from './promql.ts'
import { latencies, requests } from './request-indicators.ts'

/** A label that marks failed requests, and its matcher. */
interface Fault {
  label: string
  matcher: string
}

export interface Profile {
  name: string
  /** this metric's presence shows that a service is measured this way; its labels are read */
  metric: string
  /** labels that may hold the service's name, best first */
  matchers(service: string): readonly Matcher[]
  /** false: the namespace label is the exporter's, not the service's */
  namespaced?: false
  /** where several reporters count the same request: only the best available value is used */
  reporter?: { label: string; best: readonly string[] }
  /** where the series contain a total beside its parts: label values of the total */
  parts?: { label: string; whole: readonly string[] }
  /** labels that mark a failed request: the first one present is used */
  failed?: readonly Fault[]
  /** further labels that mark failed requests: each one present is used as well */
  failedToo?: readonly Fault[]
  indicators: readonly Indicator[]
}

export const COMMON_LABELS = ['service', 'service_name', 'app', 'app_kubernetes_io_name', 'workload', 'job']
export const labelled =
  (...labels: readonly string[]) =>
  (service: string): Matcher[] =>
    labels.map((label) => equals(label, service))

const fault = (label: string, codes: string): Fault => ({ label, matcher: `${labelName(label)}=~"${codes}"` })
const statuses = (...labels: readonly string[]) => labels.map((label) => fault(label, '5..|error'))
/** gRPC codes for server faults: unknown, deadline exceeded, unimplemented, internal, unavailable, data loss. */
const GRPC_FAULTS = { names: 'Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss', numbers: '2|4|12|13|14|15' } // prettier-ignore
const spanFailed = (label: string) => [fault(label, 'STATUS_CODE_ERROR|Error|ERROR')]
const servedSpans = (label: string) => ({ label, best: ['SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER'] })

interface Requests {
  name: string
  /** absent: the histogram's count */
  counter?: string
  /** histogram name without `_bucket` */
  base: string
  /** factor from the histogram's unit to ms */
  toMs: number
  labels?: readonly string[]
  failed: readonly Fault[]
  failedToo?: readonly Fault[]
  reporter?: NonNullable<Profile['reporter']>
}

/** Also the native histogram of the same name, which has no separate count series. */
function measured({ counter, base, toMs, labels = COMMON_LABELS, name, failed, ...more }: Requests): Profile[] {
  const counted = (metric: string, native: boolean): Profile => ({
    ...{ name, metric, matchers: labelled(...labels), failed, ...more },
    indicators: [...latencies(base, toMs), ...requests(metric, native)],
  })
  return counter === undefined ? [counted(`${base}_count`, false), counted(base, true)] : [counted(counter, false)]
}

const OTEL_LABELS = ['service_name', ...COMMON_LABELS]
const DOTTED_LABELS = ['service.name', ...OTEL_LABELS]

/** Requests as reported by the service, its mesh or its traces: the first convention that has the service is used. */
export const requestProfiles: readonly Profile[] = [
  // Prometheus 3 may keep OTLP names, with or without a unit suffix
  ...[
    'http_server_request_duration_seconds',
    'http.server.request.duration_seconds',
    'http.server.request.duration',
  ].map((base): Requests => ({
    name: 'otel-http',
    base,
    toMs: 1000,
    labels: DOTTED_LABELS,
    failed: statuses('http_response_status_code', 'http.response.status_code'),
    // a request without an answer has no status
    failedToo: [fault('error_type', '.+'), fault('error.type', '.+')],
  })),
  ...['http_server_duration_milliseconds', 'http.server.duration_milliseconds', 'http.server.duration'].map(
    (base): Requests => ({
      name: 'otel-http-1.20',
      base,
      toMs: 1,
      labels: DOTTED_LABELS,
      failed: statuses('http_status_code', 'http.status_code'),
    }),
  ),
  {
    name: 'istio',
    counter: 'istio_requests_total',
    base: 'istio_request_duration_milliseconds',
    toMs: 1,
    labels: ['destination_workload', 'destination_app', 'destination_canonical_service', 'destination_service_name'],
    failed: statuses('response_code'),
    // a failed gRPC call has HTTP status 200
    failedToo: [fault('grpc_response_status', GRPC_FAULTS.numbers)],
    reporter: { label: 'reporter', best: ['destination', 'waypoint', 'source'] },
  },
  {
    name: 'http-requests',
    counter: 'http_requests_total',
    base: 'http_request_duration_seconds',
    toMs: 1000,
    failed: statuses('status', 'code', 'status_code', 'http_status_code', 'response_code'),
  },
  {
    name: 'http-request-duration',
    base: 'http_request_duration_seconds',
    toMs: 1000,
    failed: statuses('status', 'code', 'status_code', 'http_status_code', 'response_code'),
  },
  {
    name: 'micrometer',
    base: 'http_server_requests_seconds',
    toMs: 1000,
    labels: ['application', ...COMMON_LABELS],
    failed: statuses('status'),
  },
  {
    name: 'grpc',
    counter: 'grpc_server_handled_total',
    base: 'grpc_server_handling_seconds',
    toMs: 1000,
    failed: [fault('grpc_code', GRPC_FAULTS.names)],
  },
  ...['rpc_server_duration_milliseconds', 'rpc.server.duration_milliseconds', 'rpc.server.duration'].map(
    (base): Requests => ({
      name: 'otel-rpc',
      base,
      toMs: 1,
      labels: DOTTED_LABELS,
      failed: ['rpc_grpc_status_code', 'rpc.grpc.status_code'].map((label) => fault(label, GRPC_FAULTS.numbers)),
    }),
  ),
  {
    name: 'span-metrics',
    counter: 'traces_span_metrics_calls_total',
    base: 'traces_span_metrics_duration_milliseconds',
    toMs: 1,
    labels: OTEL_LABELS,
    failed: spanFailed('status_code'),
    reporter: servedSpans('span_kind'),
  },
  ...[
    ['_total', '_milliseconds'],
    ['', ''],
  ].map(([total, unit]): Requests => ({
    name: 'span-metrics',
    counter: `traces.span.metrics.calls${total}`,
    base: `traces.span.metrics.duration${unit}`,
    toMs: 1,
    labels: DOTTED_LABELS,
    failed: spanFailed('status.code'),
    reporter: servedSpans('span.kind'),
  })),
  {
    name: 'tempo-span-metrics',
    counter: 'traces_spanmetrics_calls_total',
    base: 'traces_spanmetrics_latency',
    toMs: 1000,
    labels: OTEL_LABELS,
    failed: spanFailed('status_code'),
    reporter: servedSpans('span_kind'),
  },
].flatMap(measured)
