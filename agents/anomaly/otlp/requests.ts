/** Histograms that measure the requests a service answers, under the names of OpenTelemetry or of Prometheus, as the profiles of `tools/prometheus` do. */
import type { KeyValue } from './wire.ts'
import { valueOf } from './wire.ts'

export interface Convention {
  /** lower is better: a service is watched by the best one it has */
  rank: number
  /** ms per unit, where the metric does not name its unit */
  toMs: number
  /** attributes that say how a request ended, and what they say of a failed one */
  failed: readonly (readonly [attribute: string, value: RegExp])[]
  /** only points with this attribute are requests that the service answered */
  served?: readonly [attribute: string, value: RegExp]
}

const HTTP_FAULT = /^(?:5..|error)$/
/** unknown, deadline exceeded, unimplemented, internal, unavailable, data loss */
const GRPC_FAULT = /^(?:2|4|12|13|14|15|UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS)$/
const statuses = (...attributes: string[]) => attributes.map((attribute) => [attribute, HTTP_FAULT] as const)

/** By the name of the metric, with `_` for `.` and without its unit. */
const CONVENTIONS: Readonly<Record<string, Convention>> = {
  http_server_request_duration: {
    ...{ rank: 0, toMs: 1000 },
    failed: [...statuses('http_response_status_code'), ['error_type', /./]],
  },
  http_server_duration: { rank: 1, toMs: 1, failed: statuses('http_status_code') },
  http_request_duration: {
    ...{ rank: 2, toMs: 1000 },
    failed: statuses('status', 'code', 'status_code', 'http_status_code', 'response_code'),
  },
  http_server_requests: { rank: 3, toMs: 1000, failed: statuses('status') },
  rpc_server_call_duration: { rank: 4, toMs: 1000, failed: [['rpc_response_status_code', GRPC_FAULT], ['error_type', /./]] }, // prettier-ignore
  rpc_server_duration: { rank: 5, toMs: 1, failed: [['rpc_grpc_status_code', GRPC_FAULT]] },
  traces_span_metrics_duration: {
    ...{ rank: 6, toMs: 1, failed: [['status_code', /^(?:STATUS_CODE_ERROR|ERROR)$/i]] },
    served: ['span_kind', /^SPAN_KIND_(?:SERVER|CONSUMER)$/],
  },
}

/** `.` and `_` are one: Prometheus writes the names of OpenTelemetry with `_`. */
export const underscored = (name: string): string => name.replaceAll('.', '_')

const UNIT = /_(?:seconds|milliseconds)$/

/** null: it measures no requests */
export const conventionOf = (metric: string): Convention | null => CONVENTIONS[underscored(metric).replace(UNIT, '')] ?? null // prettier-ignore

const MS: Readonly<Record<string, number>> = { s: 1000, ms: 1, us: 0.001, µs: 0.001, ns: 0.000001 }

/** Factor to ms of a duration's unit; null: it is no duration. */
export const toMs = (unit: string): number | null => MS[unit] ?? null

/** null: not a request that the service answered */
export function outcomeOf(
  { failed, served }: Convention,
  attributes: readonly KeyValue[],
): 'failed' | 'answered' | null {
  const says = ([name, value]: readonly [string, RegExp]): boolean =>
    attributes.some((one) => underscored(one.key) === name && value.test(String(valueOf(one))))
  if (served !== undefined && !says(served)) return null
  return failed.some(says) ? 'failed' : 'answered'
}
