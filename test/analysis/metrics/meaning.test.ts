import { describe, expect, it } from 'vitest'
import {
  directionOf,
  mayBeCounter,
  isNamedCounter,
  meaningOf,
  type Meaning,
} from '../../../analysis/metrics/meaning.ts'
import { prepared } from '../../../analysis/metrics/samples.ts'

const told = (indicator: string, unit?: string): [Meaning, number] => {
  const series = { indicator, ...(unit === undefined ? {} : { unit }) }
  const meaning = meaningOf(series)
  return [meaning, directionOf(series, meaning)]
}

describe('the meaning of an indicator', () => {
  it.each<[string, Meaning, 1 | 0 | -1, string?]>([
    // OpenMetrics and Prometheus exporters
    ['http_request_duration_seconds', 'latency', 1],
    ['http_request_duration_seconds_count', 'traffic', 0],
    ['http_requests_total', 'traffic', 0],
    ['failed_request_duration', 'latency', 1],
    ['process_start_time_seconds', 'other', 0],
    ['process_cpu_seconds_total', 'saturation', 1],
    ['process_resident_memory_bytes', 'saturation', 1],
    ['go_goroutines', 'other', 0],
    ['go_gc_duration_seconds', 'saturation', 1],
    ['grpc_server_handled_latency_seconds_p99', 'latency', 1],
    ['request_errors_total', 'errors', 1],
    ['error_ratio', 'errors', 1],
    ['success_rate', 'errors', -1],
    ['success_latency_ms', 'latency', 1],
    ['up', 'other', -1],
    ['kafka_consumer_lag', 'saturation', 1],
    ['kafka_consumer_lag_seconds', 'saturation', 1],
    ['queue_wait_time', 'latency', 1],
    ['cache_hit_ratio', 'other', -1],
    ['cache_misses', 'errors', 1],
    // Micrometer
    ['http_server_requests_seconds_max', 'latency', 1],
    ['http.server.requests.p95', 'latency', 1],
    ['jvm_memory_default_pool', 'saturation', 1],
    ['jvm_memory_used_bytes', 'saturation', 1],
    ['jvm.threads.live', 'saturation', 1],
    ['jvm_gc_pause_seconds', 'saturation', 1],
    ['hikaricp_connections_pending', 'saturation', 1],
    ['hikaricp_connections_timeout_total', 'errors', 1],
    ['tomcat_sessions_rejected', 'errors', 1],
    ['logback_events', 'other', 0],
    ['system_load_average_1m', 'saturation', 1],
    ['process_uptime_seconds', 'other', 0],
    // CloudWatch
    ['CPUUtilization', 'saturation', 1, 'Percent'],
    ['FreeableMemory', 'saturation', -1, 'Bytes'],
    ['FreeStorageSpace', 'saturation', -1, 'Bytes'],
    ['ReadLatency', 'latency', 1, 'Seconds'],
    ['TargetResponseTime', 'latency', 1, 'Seconds'],
    ['HTTPCode_Target_5XX_Count', 'errors', 1],
    ['unhealthy_hosts', 'errors', 1],
    ['RequestCount', 'traffic', 0],
    ['NetworkReceiveBytes', 'traffic', 0],
    ['Duration', 'latency', 1, 'Milliseconds'],
    ['Throttles', 'saturation', 1],
    ['DatabaseConnections', 'saturation', 1],
    // cAdvisor and node-exporter
    ['container_cpu_usage_seconds_total', 'saturation', 1],
    ['container_cpu_cfs_throttled_seconds_total', 'saturation', 1],
    ['container_memory_working_set_bytes', 'saturation', 1],
    ['container_memory_failcnt', 'errors', 1],
    ['container_network_receive_bytes_total', 'traffic', 0],
    ['container_network_transmit_packets_dropped_total', 'errors', 1],
    ['node_memory_MemAvailable_bytes', 'saturation', -1],
    ['node_filesystem_free_bytes', 'saturation', -1],
    ['node_load1', 'saturation', 1],
    ['node_netstat_Tcp_RetransSegs_retransmits', 'errors', 1],
    ['tcp_retransmits', 'errors', 1],
    ['packet_loss', 'errors', 1, '%'],
    ['iowait', 'saturation', 1],
    ['cpu_idle', 'saturation', -1],
    ['DiskFree', 'saturation', -1],
    ['interrupts', 'other', 0],
    ['bytes_transferred', 'traffic', 0],
    // names of no convention
    ['feature_flags', 'other', 0],
    ['account_logins', 'other', 0],
    ['carts_load', 'traffic', 0],
    ['cart_lat_90', 'latency', 1],
    ['anything', 'latency', 1, 'ms'],
    ['PodWorkload', 'traffic', 0, 'Ops'],
  ])('%s: %s, %i', (indicator, meaning, direction, unit) => expect(told(indicator, unit)).toEqual([meaning, direction]))

  it('recognises counters by the end of the name, or because they only rise', () => {
    expect(isNamedCounter('container-cpu-usage-seconds-total')).toBe(true)
    expect(isNamedCounter('totals_of_day')).toBe(false)
    const times = Float64Array.from({ length: 40 }, (_, index) => index * 10_000)
    const values = times.map((_, index) => index * 20)
    const rate = prepared({ service: 'a', indicator: 'requests', unit: 'req', times, values })
    expect(rate.values.every((value) => value === 2)).toBe(true)
    expect(rate.unit).toBe('req/s')
    expect(prepared({ service: 'a', indicator: 'memory', times, values }).values).toEqual(values)
    expect(mayBeCounter({ indicator: 'request_rate', unit: 'req/s' })).toBe(false)
  })
})
