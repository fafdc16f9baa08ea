/** How services are measured: conventions a Prometheus server may hold, and the PromQL for each canonical indicator. */

export type Signal = 'latency' | 'traffic' | 'errors' | 'saturation'

export interface Indicator {
  name: string
  signal: Signal
  unit: string
  /** `selector`: label matchers without braces; `window`: a range such as `1m` */
  promql(selector: string, window: string): string
}

export interface Profile {
  name: string
  /** metrics any of which shows that a service is measured this way */
  detectedBy: readonly string[]
  /** labels that may hold the service's name, best first */
  serviceLabels: readonly string[]
  indicators: readonly Indicator[]
}

const COMMON_LABELS = ['service', 'service_name', 'app', 'app_kubernetes_io_name', 'workload', 'job']

const quantiles = (buckets: string, toMs: number, by = ''): Indicator[] =>
  [50, 95, 99].map((percent) => ({
    name: `latency_p${percent}`,
    signal: 'latency',
    unit: 'ms',
    promql: (selector, window) =>
      `histogram_quantile(${percent / 100}, sum by (le) (rate(${buckets}{${join(selector, by)}}[${window}])))${toMs === 1 ? '' : ` * ${toMs}`}`,
  }))

/** Requests and the failed among them. Where requests are counted and none failed, the number of failures is a measured zero. */
function requests(counter: string, failed: readonly string[], by = ''): Indicator[] {
  const total = (selector: string, window: string) => `sum(rate(${counter}{${join(selector, by)}}[${window}]))`
  const failures = (selector: string, window: string) =>
    `(${[...failed.map((matcher) => `sum(rate(${counter}{${join(selector, by, matcher)}}[${window}]))`), `0 * ${total(selector, window)}`].join(' or ')})`
  return [
    { name: 'request_rate', signal: 'traffic', unit: '1/s', promql: total },
    { name: 'error_rate', signal: 'errors', unit: '1/s', promql: failures },
    {
      name: 'error_ratio',
      signal: 'errors',
      unit: 'ratio',
      promql: (selector, window) => `${failures(selector, window)} / ${total(selector, window)}`,
    },
  ]
}

const saturation = (name: string, unit: string, promql: Indicator['promql']): Indicator => ({
  name,
  signal: 'saturation',
  unit,
  promql,
})

const join = (...matchers: readonly string[]): string => matchers.filter((matcher) => matcher !== '').join(',')

/** Requests as services or their mesh see them: the first that is there is used. */
export const requestProfiles: readonly Profile[] = [
  {
    name: 'otel-http',
    detectedBy: ['http_server_request_duration_seconds_count'],
    serviceLabels: ['service_name', ...COMMON_LABELS],
    indicators: [
      ...quantiles('http_server_request_duration_seconds_bucket', 1000),
      ...requests('http_server_request_duration_seconds_count', ['http_response_status_code=~"5.."']),
    ],
  },
  {
    name: 'istio',
    detectedBy: ['istio_requests_total'],
    serviceLabels: [
      'destination_workload',
      'destination_app',
      'destination_service_name',
      'destination_canonical_service',
    ],
    indicators: [
      ...quantiles('istio_request_duration_milliseconds_bucket', 1, 'reporter="destination"'),
      ...requests('istio_requests_total', ['response_code=~"5.."'], 'reporter="destination"'),
    ],
  },
  {
    name: 'http-requests',
    detectedBy: ['http_requests_total', 'http_request_duration_seconds_count'],
    serviceLabels: COMMON_LABELS,
    indicators: [
      ...quantiles('http_request_duration_seconds_bucket', 1000),
      ...requests('http_requests_total', ['status=~"5.."', 'code=~"5.."', 'status_code=~"5.."', 'status="error"']),
    ],
  },
]

/** What services use: all that are there are asked. */
export const resourceProfiles: readonly Profile[] = [
  {
    name: 'cadvisor',
    detectedBy: ['container_cpu_usage_seconds_total'],
    serviceLabels: ['container', 'container_label_com_docker_compose_service', 'name'],
    indicators: [
      saturation(
        'cpu',
        'cores',
        (selector, window) => `sum(rate(container_cpu_usage_seconds_total{${selector}}[${window}]))`,
      ),
      saturation('memory', 'bytes', (selector) => `sum(container_memory_working_set_bytes{${selector}})`),
    ],
  },
  {
    name: 'kube-state',
    detectedBy: ['kube_deployment_status_replicas_available'],
    serviceLabels: ['deployment'],
    indicators: [
      saturation(
        'replicas_unavailable',
        'replicas',
        (selector) => `sum(kube_deployment_status_replicas_unavailable{${selector}})`,
      ),
    ],
  },
  {
    name: 'process',
    detectedBy: ['process_cpu_seconds_total'],
    serviceLabels: COMMON_LABELS,
    indicators: [
      saturation('cpu', 'cores', (selector, window) => `sum(rate(process_cpu_seconds_total{${selector}}[${window}]))`),
      saturation('memory', 'bytes', (selector) => `sum(process_resident_memory_bytes{${selector}})`),
    ],
  },
  {
    name: 'node',
    detectedBy: ['node_cpu_seconds_total'],
    serviceLabels: ['nodename', 'node', ...COMMON_LABELS],
    indicators: [
      saturation(
        'host_cpu',
        'ratio',
        (selector, window) => `1 - avg(rate(node_cpu_seconds_total{${join(selector, 'mode="idle"')}}[${window}]))`,
      ),
      saturation(
        'host_memory',
        'ratio',
        (selector) =>
          `1 - sum(node_memory_MemAvailable_bytes{${selector}}) / sum(node_memory_MemTotal_bytes{${selector}})`,
      ),
      saturation(
        'disk',
        'ratio',
        (selector) =>
          `max(1 - node_filesystem_avail_bytes{${join(selector, 'fstype!~"tmpfs|overlay|squashfs"')}} / node_filesystem_size_bytes{${join(selector, 'fstype!~"tmpfs|overlay|squashfs"')}})`,
      ),
    ],
  },
]

/** A label value inside double quotes. */
export const quoted = (value: string): string =>
  `"${value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`
