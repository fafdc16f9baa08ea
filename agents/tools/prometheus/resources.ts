/** Resource usage of services as reported by containers, clusters, processes and hosts: all profiles that have the service are queried. */
import type { Found, Indicator } from './indicator.ts'
import { COMMON_LABELS, labelled, type Profile } from './profiles.ts'
import { around, equals, join } from './promql.ts'

type Use = (name: string, unit: string, needs: readonly string[], promql: (found: Found) => string, leavesOut?: Indicator['leavesOut']) => Indicator // prettier-ignore
const use: Use = (name, unit, needs, promql, leavesOut) => ({ name, signal: 'saturation', unit, needs, promql, ...(leavesOut === undefined ? {} : { leavesOut }) }) // prettier-ignore
/** Queried for capacity only: it is not a sign of trouble, or another indicator already covers it. */
const used: Use = (name, unit, needs, promql) => ({ name, signal: 'usage', unit, needs, promql })
const rate = (metric: string, { selector, window }: Found): string => `rate(${metric}{${selector}}[${window}])`
/** Two exporters, or two servers behind one address, may report the same container. */
const once = (promql: string): string =>
  `max without (instance, job, endpoint, metrics_path, service, node, prometheus, prometheus_replica, replica) (${promql})`
/** Two instances of kube-state-metrics report the same objects. */
const object = (by: string, promql: string): string =>
  `sum(max by (cluster, namespace, exported_namespace, ${by}) (${promql}))`

/** A pod's name is its service's name with the suffix Kubernetes appends. */
const replicasOf = (service: string) => around('pod', '', service, '-([0-9]+|[a-z0-9]+|[a-z0-9]+-[a-z0-9]{5})')
/** Excludes file systems that are not disks, and images that are always full. */
const DISKS = 'fstype!~"tmpfs|devtmpfs|ramfs|overlay|squashfs|erofs|cramfs|romfs|iso9660|udf|fuse.lxcfs|nsfs|autofs"'

/** In-memory file systems can fill up too, so nearly full ones are named. Images are always full, and an overlay's disk is checked itself. */
const IN_MEMORY = 'fstype=~"tmpfs|devtmpfs|ramfs"'
const NEARLY_FULL = 0.8
const SHARES = 'instance, mountpoint, fstype'

function disksLeftOut({ selector }: Found): string {
  const usedOf = (kind: string): string => `(1 - node_filesystem_avail_bytes{${join(selector, kind)}} / node_filesystem_size_bytes{${join(selector, kind)}})` // prettier-ignore
  const because = (why: string, promql: string): string => `label_replace(max by (${SHARES}) (${promql}), "why", "${why}", "", "")` // prettier-ignore
  const sealed = `${usedOf(DISKS)} and on (instance, device, mountpoint) (node_filesystem_readonly{${selector}} == 1)`
  return `${because('read-only', sealed)} or ${because('in memory', `${usedOf(IN_MEMORY)} > ${NEARLY_FULL}`)}`
}

const cadvisor: Profile = {
  name: 'cadvisor',
  metric: 'container_cpu_usage_seconds_total',
  matchers: (service) => [
    equals('container', service),
    equals('container_label_com_docker_compose_service', service),
    equals('name', service),
    replicasOf(service),
  ],
  parts: { label: 'container', whole: ['', 'POD'] },
  indicators: [
    use('cpu', 'cores', ['container_cpu_usage_seconds_total'], (found) => `sum(${once(rate('container_cpu_usage_seconds_total', found))})`), // prettier-ignore
    use(
      'cpu_throttled',
      'ratio',
      ['container_cpu_cfs_throttled_periods_total', 'container_cpu_cfs_periods_total'],
      (found) =>
        `sum(${once(rate('container_cpu_cfs_throttled_periods_total', found))}) / sum(${once(rate('container_cpu_cfs_periods_total', found))})`,
    ),
    use('memory', 'bytes', ['container_memory_working_set_bytes'], ({ selector }) => `sum(${once(`container_memory_working_set_bytes{${selector}}`)})`), // prettier-ignore
    use(
      'memory_ratio',
      'ratio',
      ['container_memory_working_set_bytes', 'container_spec_memory_limit_bytes'],
      // a limit of zero means no limit
      ({ selector }) =>
        `max(container_memory_working_set_bytes{${selector}} / (container_spec_memory_limit_bytes{${selector}} > 0))`,
    ),
    use(
      'disk',
      'ratio',
      ['container_fs_usage_bytes', 'container_fs_limit_bytes'],
      ({ selector }) => `max(container_fs_usage_bytes{${selector}} / (container_fs_limit_bytes{${selector}} > 0))`,
    ),
    used(
      'cpu_ratio',
      'ratio',
      ['container_cpu_usage_seconds_total', 'container_spec_cpu_quota', 'container_spec_cpu_period'],
      (found) =>
        `sum(${once(rate('container_cpu_usage_seconds_total', found))}) / sum(${once(`(container_spec_cpu_quota{${found.selector}} > 0) / container_spec_cpu_period{${found.selector}}`)})`,
    ),
    used(
      'network',
      'bytes/s',
      ['container_network_receive_bytes_total', 'container_network_transmit_bytes_total'],
      // network usage of the whole pod, across its containers
      ({ whole, ...found }) =>
        ['receive', 'transmit']
          .map(
            (way) => `sum(${once(rate(`container_network_${way}_bytes_total`, { ...found, whole, selector: whole }))})`,
          )
          .join(' + '),
    ),
  ],
}

/** A volume claim is named after its service or, in a StatefulSet, after the template, the set and the ordinal. */
const volumes: Profile = {
  name: 'volume-claims',
  metric: 'kubelet_volume_stats_capacity_bytes',
  matchers: (service) => [
    around('persistentvolumeclaim', '([a-z0-9]+-)?', service, '-[0-9]+'),
    around(
      'persistentvolumeclaim',
      '((data|storage|volume|pvc|claim)-)?',
      service,
      '(-(data|storage|volume|pvc|claim))?',
    ),
  ],
  indicators: [
    use(
      'disk',
      'ratio',
      ['kubelet_volume_stats_used_bytes', 'kubelet_volume_stats_capacity_bytes'],
      ({ selector }) =>
        `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${selector}} / kubelet_volume_stats_capacity_bytes{${selector}})`,
    ),
  ],
}

const kubeDeployment: Profile = {
  name: 'kube-state',
  metric: 'kube_deployment_status_replicas_unavailable',
  matchers: labelled('deployment'),
  indicators: [
    use('replicas_unavailable', 'replicas', ['kube_deployment_status_replicas_unavailable'], ({ selector }) => object('deployment', `kube_deployment_status_replicas_unavailable{${selector}}`)), // prettier-ignore
  ],
}

/** Counts exactly; `increase` would extrapolate. A reset is a recreated pod of the same name, not a restart. */
function restarts(selector: string, window: string): string {
  const samples = `kube_pod_container_status_restarts_total{${selector}}[${window}]`
  return object('pod, container', `changes(${samples}) - resets(${samples})`)
}

const kubePods: Profile = {
  name: 'kube-state-pods',
  metric: 'kube_pod_container_status_restarts_total',
  matchers: (service) => [equals('container', service), replicasOf(service)],
  indicators: [
    use('restarts', 'restarts', ['kube_pod_container_status_restarts_total'], ({ selector, window }) => restarts(selector, window)), // prettier-ignore
    use('containers_waiting', 'containers', ['kube_pod_container_status_waiting'], ({ selector }) =>
      object('pod, container', `kube_pod_container_status_waiting{${selector}}`),
    ),
  ],
}

const process: Profile = {
  name: 'process',
  metric: 'process_cpu_seconds_total',
  matchers: labelled(...COMMON_LABELS),
  indicators: [
    use('cpu', 'cores', ['process_cpu_seconds_total'], (found) => `sum(${rate('process_cpu_seconds_total', found)})`),
    use('memory', 'bytes', ['process_resident_memory_bytes'], ({ selector }) => `sum(process_resident_memory_bytes{${selector}})`), // prettier-ignore
    use(
      'memory_ratio',
      'ratio',
      ['process_resident_memory_bytes', 'container_spec_memory_limit_bytes'],
      // only of a process that states its own limit
      ({ selector }) =>
        `max(process_resident_memory_bytes{${selector}} / (container_spec_memory_limit_bytes{${selector}} > 0))`,
    ),
  ],
}

/** Pools of connections to data stores, as OpenTelemetry names them. */
const connections: Profile = {
  name: 'db-connections',
  metric: 'db_client_connection_max',
  matchers: labelled('service_name', ...COMMON_LABELS),
  indicators: [
    use(
      'connections',
      'ratio',
      ['db_client_connection_count', 'db_client_connection_max'],
      ({ selector }) =>
        `max(sum without (db_client_connection_state) (db_client_connection_count{${join(selector, 'db_client_connection_state="used"')}}) / db_client_connection_max{${selector}})`,
    ),
    use(
      'connections_waited_for',
      'requests',
      ['db_client_connection_pending_requests'],
      ({ selector }) => `sum(db_client_connection_pending_requests{${selector}})`,
    ),
  ],
}

const node: Profile = {
  name: 'node',
  metric: 'node_cpu_seconds_total',
  namespaced: false,
  matchers: (name) => [
    ...labelled('nodename', 'node')(name),
    around('instance', '', name, '(:[0-9]+)?'),
    ...labelled(...COMMON_LABELS)(name),
  ],
  indicators: [
    use('host_cpu', 'ratio', ['node_cpu_seconds_total'], ({ selector, window }) => `1 - avg(rate(node_cpu_seconds_total{${join(selector, 'mode="idle"')}}[${window}]))`), // prettier-ignore
    use(
      'host_memory',
      'ratio',
      ['node_memory_MemAvailable_bytes', 'node_memory_MemTotal_bytes'],
      ({ selector }) =>
        `1 - sum(node_memory_MemAvailable_bytes{${selector}}) / sum(node_memory_MemTotal_bytes{${selector}})`,
    ),
    use(
      'disk',
      'ratio',
      ['node_filesystem_avail_bytes', 'node_filesystem_size_bytes'],
      ({ selector }) =>
        `max by (instance, mountpoint) ((1 - node_filesystem_avail_bytes{${join(selector, DISKS)}} / node_filesystem_size_bytes{${join(selector, DISKS)}}) unless on (instance, device, mountpoint) (node_filesystem_readonly{${selector}} == 1))`,
      disksLeftOut,
    ),
    used(
      'network_ratio',
      'ratio',
      ['node_network_receive_bytes_total', 'node_network_transmit_bytes_total', 'node_network_speed_bytes'],
      (found) =>
        `max((${rate('node_network_receive_bytes_total', found)} + ${rate('node_network_transmit_bytes_total', found)}) / (node_network_speed_bytes{${found.selector}} > 0))`,
    ),
  ],
}

export const resourceProfiles: readonly Profile[] = [
  volumes,
  cadvisor,
  kubeDeployment,
  kubePods,
  process,
  connections,
  node,
]
/** Profiles that name whole workloads; a container's name may be that of one part of a workload. */
export const workloads: readonly Profile[] = [kubeDeployment, process]
export const containers: Profile = cadvisor
