import type { Span } from '../../../analysis/observations.ts'

/** The attributes the analysis uses; the others (statements, headers, stack traces) are many times the size of a span. */
const KEPT = [
  'span.kind',
  'error',
  'error.type',
  'http.response.status_code',
  'http.status_code',
  'rpc.grpc.status_code',
  'grpc.status_code',
  'otel.status_code',
  'peer.service',
  'server.address',
  'db.system',
  'db.system.name',
  'messaging.system',
] as const
const LONGEST = 200

type Values = NonNullable<Span['attributes']>

/** The `attributes` property of a span; absent if none are kept. */
export function keptAttributes(given: Readonly<Record<string, unknown>>): { attributes?: Values } {
  const kept: Record<string, string | number | boolean> = {}
  for (const name of KEPT) {
    const value = given[name]
    if (typeof value === 'string') kept[name] = value.slice(0, LONGEST)
    else if (typeof value === 'number' || typeof value === 'boolean') kept[name] = value
  }
  return Object.keys(kept).length === 0 ? {} : { attributes: kept }
}
