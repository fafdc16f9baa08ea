/** How services are measured: conventions a Prometheus server may hold. */
import { equals, type Matcher } from './promql.ts'

/** `usage`: for capacity alone, not a golden signal */
export type Signal = 'latency' | 'traffic' | 'errors' | 'saturation' | 'usage'

/** Where a service was found. */
export interface Found {
  /** label matchers without braces */
  selector: string
  /** a range such as `60s` */
  window: string
  /** the matcher of failed requests; null: failed and good ones are not told apart */
  failed: string | null
}

export interface Indicator {
  name: string
  signal: Signal
  unit: string
  /** metrics that must be there */
  needs: readonly string[]
  /** null: cannot be told */
  promql(found: Found): string | null
}

export interface Profile {
  name: string
  /** shows that a service is measured this way; its labels are looked at */
  metric: string
  /** labels that may hold the service's name, best first */
  matchers(service: string): readonly Matcher[]
  /** false: it is in no namespace, whatever the labels say of its exporter */
  namespaced?: false
  /** where several tell of the same request: the best of these values that is there is taken alone */
  reporter?: { label: string; best: readonly string[] }
  /** how a failed request is told from a good one: the first of these labels that is there counts */
  failed?: readonly { label: string; matcher: string }[]
  indicators: readonly Indicator[]
}

export const COMMON_LABELS = ['service', 'service_name', 'app', 'app_kubernetes_io_name', 'workload', 'job']
export const labelled =
  (...labels: readonly string[]) =>
  (service: string): Matcher[] =>
    labels.map((label) => equals(label, service))

const quantiles = (buckets: string, toMs: number): Indicator[] =>
  [50, 95, 99].map((percent) => ({
    name: `latency_p${percent}`,
    signal: 'latency',
    unit: 'ms',
    needs: [buckets],
    promql: ({ selector, window }) =>
      `histogram_quantile(${percent / 100}, sum by (le) (rate(${buckets}{${selector}}[${window}])))${toMs === 1 ? '' : ` * ${toMs}`}`,
  }))

/**
 * Requests and the failed among them. Where requests are counted and none failed, the number of failures is a measured zero. Of what moved
 * as clearly the first is named: the share, which does not follow the load, before the number.
 */
function requests(counter: string): Indicator[] {
  const rate = (matchers: string, window: string) => `sum(rate(${counter}{${matchers}}[${window}]))`
  const failures = ({ selector, window, failed }: Found) =>
    failed === null ? null : `(${rate(`${selector},${failed}`, window)} or 0 * ${rate(selector, window)})`
  const needs = [counter]
  return [
    { name: 'request_rate', signal: 'traffic', unit: '1/s', needs, promql: ({ selector, window }) => rate(selector, window) }, // prettier-ignore
    {
      name: 'error_ratio',
      signal: 'errors',
      unit: 'ratio',
      needs,
      promql: (found) => {
        const failing = failures(found)
        return failing === null ? null : `${failing} / ${rate(found.selector, found.window)}`
      },
    },
    { name: 'error_rate', signal: 'errors', unit: '1/s', needs, promql: failures },
  ]
}

const statuses = (...labels: readonly string[]) => labels.map((label) => ({ label, matcher: `${label}=~"5..|error"` }))
const serverFault = (label: string, codes: string) => [{ label, matcher: `${label}=~"${codes}"` }]
const spanFailed = serverFault('status_code', 'STATUS_CODE_ERROR|Error|ERROR')
const servedSpans = { label: 'span_kind', best: ['SPAN_KIND_SERVER', 'SPAN_KIND_CONSUMER'] }

interface Requests {
  name: string
  counter: string
  buckets: string
  /** what one unit of the buckets is in ms */
  toMs: number
  labels?: readonly string[]
  failed: NonNullable<Profile['failed']>
  reporter?: NonNullable<Profile['reporter']>
}
const measured = ({ name, counter, buckets, toMs, labels = COMMON_LABELS, failed, reporter }: Requests): Profile => ({
  name,
  metric: counter,
  matchers: labelled(...labels),
  failed,
  ...(reporter === undefined ? {} : { reporter }),
  indicators: [...quantiles(buckets, toMs), ...requests(counter)],
})

const OTEL_LABELS = ['service_name', ...COMMON_LABELS]

/** Requests as services, their mesh or their traces see them: the first that knows the service is used. */
export const requestProfiles: readonly Profile[] = [
  measured({
    name: 'otel-http',
    counter: 'http_server_request_duration_seconds_count',
    buckets: 'http_server_request_duration_seconds_bucket',
    toMs: 1000,
    labels: OTEL_LABELS,
    failed: statuses('http_response_status_code'),
  }),
  measured({
    name: 'otel-http-1.20',
    counter: 'http_server_duration_milliseconds_count',
    buckets: 'http_server_duration_milliseconds_bucket',
    toMs: 1,
    labels: OTEL_LABELS,
    failed: statuses('http_status_code'),
  }),
  measured({
    name: 'istio',
    counter: 'istio_requests_total',
    buckets: 'istio_request_duration_milliseconds_bucket',
    toMs: 1,
    labels: ['destination_workload', 'destination_app', 'destination_canonical_service', 'destination_service_name'],
    failed: statuses('response_code'),
    reporter: { label: 'reporter', best: ['destination', 'waypoint', 'source'] },
  }),
  measured({
    name: 'http-requests',
    counter: 'http_requests_total',
    buckets: 'http_request_duration_seconds_bucket',
    toMs: 1000,
    failed: statuses('status', 'code', 'status_code', 'http_status_code', 'response_code'),
  }),
  measured({
    name: 'http-request-duration',
    counter: 'http_request_duration_seconds_count',
    buckets: 'http_request_duration_seconds_bucket',
    toMs: 1000,
    failed: statuses('status', 'code', 'status_code', 'http_status_code', 'response_code'),
  }),
  measured({
    name: 'micrometer',
    counter: 'http_server_requests_seconds_count',
    buckets: 'http_server_requests_seconds_bucket',
    toMs: 1000,
    labels: ['application', ...COMMON_LABELS],
    failed: statuses('status'),
  }),
  measured({
    name: 'grpc',
    counter: 'grpc_server_handled_total',
    buckets: 'grpc_server_handling_seconds_bucket',
    toMs: 1000,
    failed: serverFault('grpc_code', 'Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss'),
  }),
  measured({
    name: 'otel-rpc',
    counter: 'rpc_server_duration_milliseconds_count',
    buckets: 'rpc_server_duration_milliseconds_bucket',
    toMs: 1,
    labels: OTEL_LABELS,
    failed: serverFault('rpc_grpc_status_code', '2|4|12|13|14|15'),
  }),
  measured({
    name: 'span-metrics',
    counter: 'traces_span_metrics_calls_total',
    buckets: 'traces_span_metrics_duration_milliseconds_bucket',
    toMs: 1,
    labels: OTEL_LABELS,
    failed: spanFailed,
    reporter: servedSpans,
  }),
  measured({
    name: 'tempo-span-metrics',
    counter: 'traces_spanmetrics_calls_total',
    buckets: 'traces_spanmetrics_latency_bucket',
    toMs: 1000,
    labels: OTEL_LABELS,
    failed: spanFailed,
    reporter: servedSpans,
  }),
]
