/**
 * Kinds of systems: a shape of the call graph, a custom of naming what is measured, a step, and the evidence there is. Choices may be made while looking
 * at the families of one side; those of the other side differ in all of these, as the next new system does.
 */
import type { Side } from '../division.ts'
import type { Shape } from './roles.ts'

export interface Family {
  name: string
  side: Side
  shape: Shape
  /** how many services, usually */
  size: readonly [number, number]
  /** seconds between samples */
  steps: readonly number[]
  custom: Custom
  perInstance: boolean
  /** share of systems whose graph, logs and traces are known */
  graph: number
  logs: number
  traces: number
  /** the calling side is measured too, as a metric of its own */
  clientMetrics: boolean
}

/** How the metrics of a kind of system are named, with units if `unit` is not empty. Latency in seconds times `per`. */
export interface Custom {
  requests: Name
  /** `percent`: 0..100; `good`: the share that did not fail; `rate`: failures a second */
  errors: Name & { as: 'share' | 'percent' | 'good' | 'rate' }
  latency: (Name & { quantile: number | 'mean' })[]
  cpu: Name & { as: 'share' | 'percent' | 'cores' }
  memory: Name & { as: 'share' | 'percent' | 'bytes' }
  disk: Name
  workers: Name
  backlog: Name
  hits: Name
  steal: Name
  client: Name
}

export interface Name {
  name: string
  unit?: string
  /** factor from the base unit: seconds, requests a second, shares */
  per?: number
}

const scraped: Custom = {
  requests: { name: 'http_requests_per_second', unit: 'req/s' },
  errors: { name: 'http_request_error_ratio', as: 'share' },
  latency: [
    { name: 'http_request_duration_seconds_p50', unit: 's', quantile: 0.5 },
    { name: 'http_request_duration_seconds_p95', unit: 's', quantile: 0.95 },
    { name: 'http_request_duration_seconds_p99', unit: 's', quantile: 0.99 },
  ],
  cpu: { name: 'container_cpu_usage_cores', unit: 'cores', as: 'cores' },
  memory: { name: 'container_memory_working_set_bytes', unit: 'bytes', as: 'bytes' },
  disk: { name: 'node_disk_io_utilisation' },
  workers: { name: 'worker_pool_in_use_ratio' },
  backlog: { name: 'requests_waiting' },
  hits: { name: 'cache_hit_ratio' },
  steal: { name: 'node_cpu_steal_ratio' },
  client: { name: 'http_client_duration_seconds_p95', unit: 's' },
}

const plain: Custom = {
  requests: { name: 'workload' },
  errors: { name: 'error_rate', as: 'share' },
  latency: [
    { name: 'latency_p50', unit: 's', quantile: 0.5 },
    { name: 'latency_p90', unit: 's', quantile: 0.9 },
  ],
  cpu: { name: 'cpu', as: 'share' },
  memory: { name: 'mem', as: 'bytes' },
  disk: { name: 'diskio' },
  workers: { name: 'threads_busy' },
  backlog: { name: 'queue' },
  hits: { name: 'hit_ratio' },
  steal: { name: 'cpu_steal' },
  client: { name: 'client_latency_p90', unit: 's' },
}

const brief: Custom = {
  requests: { name: 'rps' },
  errors: { name: 'err_pct', unit: '%', per: 100, as: 'percent' },
  latency: [{ name: 'avg_ms', unit: 'ms', per: 1000, quantile: 'mean' }],
  cpu: { name: 'cpu_pct', unit: '%', as: 'percent' },
  memory: { name: 'mem_pct', unit: '%', as: 'percent' },
  disk: { name: 'disk_util_pct', unit: '%', per: 100 },
  workers: { name: 'pool_pct', unit: '%', per: 100 },
  backlog: { name: 'pending' },
  hits: { name: 'cache_hit_pct', unit: '%', per: 100 },
  steal: { name: 'steal_pct', unit: '%', per: 100 },
  client: { name: 'call_ms', unit: 'ms', per: 1000 },
}

const managed: Custom = {
  requests: { name: 'RequestCount_Sum' },
  errors: { name: 'Availability_Average', per: 100, as: 'good' },
  latency: [
    { name: 'Latency_Average', quantile: 'mean' },
    { name: 'Latency_p99', quantile: 0.99 },
  ],
  cpu: { name: 'CPUUtilization_Average', unit: 'Percent', as: 'percent' },
  memory: { name: 'MemoryUtilization_Average', unit: 'Percent', as: 'percent' },
  disk: { name: 'VolumeBusyTime_Average', unit: 'Percent', per: 100 },
  workers: { name: 'ConcurrencyUtilization_Maximum', per: 100 },
  backlog: { name: 'PendingRequests_Maximum' },
  hits: { name: 'CacheHitRate_Average', per: 100 },
  steal: { name: 'CPUSurplusLost_Average', per: 100 },
  client: { name: 'TargetResponseTime_Average' },
}

const dotted: Custom = {
  requests: { name: 'messages.consumed.rate', unit: '1/s' },
  errors: { name: 'messages.failed.rate', unit: '1/s', as: 'rate' },
  latency: [{ name: 'processing.time.max.ms', unit: 'ms', per: 1000, quantile: 0.99 }],
  cpu: { name: 'jvm.cpu.load', as: 'share' },
  memory: { name: 'jvm.heap.used.mb', unit: 'MB', per: 1e-6, as: 'bytes' },
  disk: { name: 'disk.busy' },
  workers: { name: 'consumer.threads.active.ratio' },
  backlog: { name: 'consumer.lag.records' },
  hits: { name: 'store.cache.hit.ratio' },
  steal: { name: 'host.cpu.stolen' },
  client: { name: 'producer.request.latency.avg.ms', unit: 'ms', per: 1000 },
}

const semantic: Custom = {
  requests: { name: 'http.server.request.rate', unit: '{request}/s' },
  errors: { name: 'http.server.5xx.share', unit: '1', as: 'share' },
  latency: [
    { name: 'http.server.request.duration.mean', unit: 's', quantile: 'mean' },
    { name: 'http.server.request.duration.p90', unit: 's', quantile: 0.9 },
  ],
  cpu: { name: 'process.cpu.utilization', unit: '1', as: 'share' },
  memory: { name: 'process.memory.usage', unit: 'By', as: 'bytes' },
  disk: { name: 'system.disk.io_time.share', unit: '1' },
  workers: { name: 'http.server.active_requests.share', unit: '1' },
  backlog: { name: 'http.server.queued_requests', unit: '{request}' },
  hits: { name: 'cache.hit.ratio', unit: '1' },
  steal: { name: 'system.cpu.steal', unit: '1' },
  client: { name: 'http.client.request.duration.mean', unit: 's' },
}

const spoken: Custom = {
  requests: { name: 'Requests/sec' },
  errors: { name: 'Failed Requests (%)', unit: '%', per: 100, as: 'percent' },
  latency: [{ name: 'Average Response Time (ms)', unit: 'ms', per: 1000, quantile: 'mean' }],
  cpu: { name: '% Processor Time', unit: '%', as: 'percent' },
  memory: { name: 'Committed Bytes In Use (%)', unit: '%', as: 'percent' },
  disk: { name: '% Disk Time', unit: '%', per: 100 },
  workers: { name: 'Worker Threads In Use (%)', unit: '%', per: 100 },
  backlog: { name: 'Requests Queued' },
  hits: { name: 'Cache Hits (%)', unit: '%', per: 100 },
  steal: { name: '% Stolen Time', unit: '%', per: 100 },
  client: { name: 'Outgoing Call Time (ms)', unit: 'ms', per: 1000 },
}

const pathed: Custom = {
  requests: { name: 'request/count_rate' },
  errors: { name: 'request/error_count_rate', as: 'rate' },
  latency: [{ name: 'request/total_latencies_p95', unit: 'ms', per: 1000, quantile: 0.95 }],
  cpu: { name: 'instance/cpu/utilization', as: 'share' },
  memory: { name: 'instance/memory/percent_used', per: 1, as: 'percent' },
  disk: { name: 'instance/disk/busy_fraction' },
  workers: { name: 'instance/concurrency/used_fraction' },
  backlog: { name: 'request/pending_queue/pending_requests' },
  hits: { name: 'memcache/hit_ratio' },
  steal: { name: 'instance/cpu/steal_fraction' },
  client: { name: 'backend_latencies_p95', unit: 'ms', per: 1000 },
}

const family = (side: Side, name: string, shape: Shape, rest: Omit<Family, 'side' | 'name' | 'shape'>): Family => ({
  side,
  name,
  shape,
  ...rest,
})

export const families: readonly Family[] = [
  family('looked_at', 'layers of services', 'tiers', { size: [8, 40], steps: [15, 30], custom: scraped, perInstance: true, graph: 0.9, logs: 1, traces: 0.6, clientMetrics: true }), // prettier-ignore
  family('looked_at', 'a mesh', 'mesh', { size: [10, 80], steps: [30, 60], custom: plain, perInstance: false, graph: 0.9, logs: 0.3, traces: 0, clientMetrics: false }), // prettier-ignore
  family('looked_at', 'a tree, with metrics only', 'tree', { size: [5, 30], steps: [10], custom: brief, perInstance: false, graph: 0.1, logs: 0, traces: 0, clientMetrics: false }), // prettier-ignore
  family('looked_at', 'functions and managed stores', 'functions', { size: [10, 45], steps: [60, 300], custom: managed, perInstance: false, graph: 1, logs: 0.2, traces: 0, clientMetrics: false }), // prettier-ignore
  family('left_out', 'a pipeline of queues and workers', 'pipeline', { size: [6, 30], steps: [10, 30], custom: dotted, perInstance: true, graph: 0.7, logs: 0.9, traces: 0, clientMetrics: true }), // prettier-ignore
  family('left_out', 'a hub and its sources', 'hub', { size: [8, 40], steps: [60], custom: semantic, perInstance: true, graph: 0.2, logs: 0.9, traces: 1, clientMetrics: true }), // prettier-ignore
  family('left_out', 'a few services on shared stores', 'few', { size: [5, 14], steps: [20, 60], custom: spoken, perInstance: true, graph: 0.6, logs: 0.8, traces: 0, clientMetrics: false }), // prettier-ignore
  family('left_out', 'regions behind balancers', 'edge', { size: [12, 60], steps: [60, 120], custom: pathed, perInstance: false, graph: 0.9, logs: 0.4, traces: 0.2, clientMetrics: false }), // prettier-ignore
]
