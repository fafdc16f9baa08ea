/** Spans of an OTLP JSON document. Ids are hexadecimal in OTLP JSON, but base64 in protobuf's JSON mapping, which Tempo uses. */
import { z } from 'zod'
import { items } from '../../../recording/items.ts'
import type { Span } from '../../../analysis/observations.ts'
import { nanoInstant, toMs } from '../nanoseconds.ts'
import { keptAttributes } from './attributes.ts'

const attributes = items(z.looseObject({ key: z.string(), value: z.looseObject({}).nullish() })).nullish()
const otlpSpan = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().nullish(),
  name: z.string().nullish(),
  kind: z.union([z.string(), z.number()]).nullish(),
  startTimeUnixNano: nanoInstant,
  endTimeUnixNano: nanoInstant,
  attributes,
  status: z.looseObject({ code: z.union([z.string(), z.number()]).nullish() }).nullish(),
})
const scopeSpans = items(z.looseObject({ spans: items(otlpSpan).nullish() })).nullish()
export const resourceSpans = items(
  z.looseObject({
    resource: z.looseObject({ attributes }).nullish(),
    scopeSpans,
    /** before OTLP 1.0 */
    instrumentationLibrarySpans: scopeSpans,
  }),
)

const KINDS = [undefined, 'internal', 'server', 'client', 'producer', 'consumer']

export function spansOf(resources: z.output<typeof resourceSpans>): Span[] {
  return resources.flatMap(({ resource, scopeSpans, instrumentationLibrarySpans }) => {
    const service = plain(resource?.attributes)['service.name']
    return (scopeSpans ?? instrumentationLibrarySpans ?? [])
      .flatMap(({ spans }) => spans ?? [])
      .map((span) => spanOf(span, typeof service === 'string' && service !== '' ? service : 'unknown'))
  })
}

function spanOf(span: z.output<typeof otlpSpan>, service: string): Span {
  const parent = span.parentSpanId == null ? '' : hexOf(span.parentSpanId)
  const kind = kindOf(span.kind)
  const status = statusOf(span.status?.code)
  return {
    traceId: hexOf(span.traceId),
    spanId: hexOf(span.spanId),
    ...(/^0*$/.test(parent) ? {} : { parentSpanId: parent }),
    service,
    name: span.name || 'unknown',
    start: toMs(span.startTimeUnixNano),
    end: toMs(span.endTimeUnixNano),
    ...(status === undefined ? {} : { status }),
    ...keptAttributes({ ...plain(span.attributes), ...(kind === undefined ? {} : { 'span.kind': kind }) }),
  }
}

/** `unset` says nothing about success: the attributes then decide. */
const statusOf = (code: string | number | null | undefined): string | undefined =>
  code === 2 || code === 'STATUS_CODE_ERROR' ? 'error' : code === 1 || code === 'STATUS_CODE_OK' ? 'ok' : undefined

const kindOf = (kind: string | number | null | undefined): string | undefined =>
  typeof kind === 'number' ? KINDS[kind] : KINDS.find((one) => one !== undefined && kind === `SPAN_KIND_${one.toUpperCase()}`) // prettier-ignore

/** Hexadecimal ids have 16 or 32 digits, base64 ones 12 or 24 characters. */
export const hexOf = (id: string): string =>
  id.length === 12 || id.length === 24 ? Buffer.from(id, 'base64').toString('hex') : id.toLowerCase()

/** Scalar attributes only; lists and maps are not used. */
function plain(given: z.output<typeof attributes>): Record<string, unknown> {
  return Object.fromEntries((given ?? []).map(({ key, value }) => [key, valueOf(value ?? {})]))
}

function valueOf(value: Readonly<Record<string, unknown>>): unknown {
  if (value['intValue'] !== undefined) return Number(value['intValue'])
  return value['stringValue'] ?? value['doubleValue'] ?? value['boolValue']
}
