/**
 * OTLP metrics as a collector writes them: one ExportMetricsServiceRequest per record, in protobuf. Declared are the fields that are read, with the numbers of
 * opentelemetry-proto 1.x (metrics/v1/metrics.proto); all others are skipped. 64-bit integers become numbers, exact up to 2^53; nanoseconds to a quarter of a microsecond.
 */
import protobuf from 'protobufjs'

export type Value = string | number | boolean
export interface KeyValue {
  key: string
  value: { stringValue: string; boolValue: boolean; intValue: number; doubleValue: number } | null
}

export interface NumberPoint {
  attributes: KeyValue[]
  startTimeUnixNano: number
  timeUnixNano: number
  /** the one that is not set is 0 */
  asDouble: number
  asInt: number
  flags: number
}

export interface HistogramPoint {
  attributes: KeyValue[]
  startTimeUnixNano: number
  timeUnixNano: number
  bucketCounts: number[]
  explicitBounds: number[]
  flags: number
}

/** Bucket `offset` + i holds what is above base^(offset + i), up to base times that; base = 2^(2^-scale). */
export interface Buckets {
  offset: number
  bucketCounts: number[]
}

export interface ExponentialPoint {
  attributes: KeyValue[]
  startTimeUnixNano: number
  timeUnixNano: number
  scale: number
  zeroCount: number
  positive: Buckets | null
  negative: Buckets | null
  flags: number
}

/** 1: delta, 2: cumulative */
type Temporality = number

export interface Metric {
  name: string
  unit: string
  gauge: { dataPoints: NumberPoint[] } | null
  sum: { dataPoints: NumberPoint[]; aggregationTemporality: Temporality; isMonotonic: boolean } | null
  histogram: { dataPoints: HistogramPoint[]; aggregationTemporality: Temporality } | null
  exponentialHistogram: { dataPoints: ExponentialPoint[]; aggregationTemporality: Temporality } | null
}

export interface ResourceMetrics {
  resource: { attributes: KeyValue[] } | null
  scopeMetrics: { metrics: Metric[] }[]
}

export const DELTA: Temporality = 1
export const CUMULATIVE: Temporality = 2
/** Flag of a point without a value. */
export const NO_VALUE = 1

const one = (type: string, id: number) => ({ type, id })
const many = (type: string, id: number) => ({ rule: 'repeated', type, id })
const times = { startTimeUnixNano: one('fixed64', 2), timeUnixNano: one('fixed64', 3) }
const types: Record<string, Record<string, { type: string; id: number }>> = {
  Request: { resourceMetrics: many('ResourceMetrics', 1) },
  ResourceMetrics: { resource: one('Resource', 1), scopeMetrics: many('ScopeMetrics', 2) },
  Resource: { attributes: many('KeyValue', 1) },
  KeyValue: { key: one('string', 1), value: one('AnyValue', 2) },
  AnyValue: { stringValue: one('string', 1), boolValue: one('bool', 2), intValue: one('int64', 3), doubleValue: one('double', 4) }, // prettier-ignore
  ScopeMetrics: { metrics: many('Metric', 2) },
  Metric: {
    ...{ name: one('string', 1), unit: one('string', 3), gauge: one('Gauge', 5), sum: one('Sum', 7) },
    ...{ histogram: one('Histogram', 9), exponentialHistogram: one('ExponentialHistogram', 10) },
  },
  Gauge: { dataPoints: many('NumberPoint', 1) },
  Sum: { dataPoints: many('NumberPoint', 1), aggregationTemporality: one('int32', 2), isMonotonic: one('bool', 3) },
  Histogram: { dataPoints: many('HistogramPoint', 1), aggregationTemporality: one('int32', 2) },
  ExponentialHistogram: { dataPoints: many('ExponentialPoint', 1), aggregationTemporality: one('int32', 2) },
  NumberPoint: { ...times, asDouble: one('double', 4), asInt: one('sfixed64', 6), attributes: many('KeyValue', 7), flags: one('uint32', 8) }, // prettier-ignore
  HistogramPoint: {
    ...{ ...times, bucketCounts: many('fixed64', 6), explicitBounds: many('double', 7) },
    ...{ attributes: many('KeyValue', 9), flags: one('uint32', 10) },
  },
  ExponentialPoint: {
    ...{ attributes: many('KeyValue', 1), ...times, scale: one('sint32', 6), zeroCount: one('fixed64', 7) },
    ...{ positive: one('Buckets', 8), negative: one('Buckets', 9), flags: one('uint32', 10) },
  },
  Buckets: { offset: one('sint32', 1), bucketCounts: many('uint64', 2) },
}
const root = protobuf.Root.fromJSON({ nested: Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, { fields }])) }) // prettier-ignore
/** One record. */
export const request = root.lookupType('Request')

// a 64-bit integer that is not set is 0 too
for (const type of root.resolveAll().nestedArray as protobuf.Type[])
  for (const field of type.fieldsArray) if (field.long && !field.repeated) Object.assign(type.ctor.prototype as object, { [field.name]: 0 }) // prettier-ignore

const HIGH = 2 ** 32

/** Names and attributes are the same in each record: the last texts, by a hash of their bytes. One that is known need not be decoded. */
const TEXTS = 8192
const LONGEST = 64
const texts: ({ bytes: Buffer; text: string } | undefined)[] = Array.from({ length: TEXTS })

function textAt(buffer: Buffer, start: number, end: number): string {
  if (end - start > LONGEST) return buffer.toString('utf8', start, end)
  let hash = end - start
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + buffer[at]!) | 0
  const place = (hash ^ (hash >>> 13)) & (TEXTS - 1)
  const known = texts[place]
  if (known !== undefined && isAt(buffer, start, end, known.bytes)) return known.text
  const text = buffer.toString('utf8', start, end)
  texts[place] = { bytes: Buffer.from(buffer.subarray(start, end)), text }
  return text
}

function isAt(buffer: Buffer, start: number, end: number, bytes: Buffer): boolean {
  if (bytes.length !== end - start) return false
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== buffer[start + at]) return false
  return true
}

/** Reads 64-bit integers as numbers, where the library would make an object of each, and texts from the last ones. */
class NumberReader extends protobuf.BufferReader {}
Object.assign(NumberReader.prototype, {
  string(this: protobuf.Reader): string {
    const length = this.uint32()
    const start = this.pos
    this.pos = Math.min(start + length, this.len)
    return textAt(this.buf as Buffer, start, this.pos)
  },
  fixed64(this: protobuf.Reader): number {
    return this.fixed32() + this.fixed32() * HIGH
  },
  sfixed64(this: protobuf.Reader): number {
    return this.fixed32() + this.sfixed32() * HIGH
  },
  int64: numbered(protobuf.BufferReader.prototype.int64),
  uint64: numbered(protobuf.BufferReader.prototype.uint64),
})

function numbered(read: () => number | protobuf.Long) {
  return function (this: protobuf.BufferReader): number {
    return Number(read.call(this))
  }
}

/** What a record says. Throws an error with the reason if it is no such request. */
export function decode(bytes: Buffer): ResourceMetrics[] {
  const { resourceMetrics } = request.decode(new NumberReader(bytes)) as unknown as { resourceMetrics: ResourceMetrics[] } // prettier-ignore
  if (bytes.length > 0 && resourceMetrics.length === 0) throw new Error('it holds no metrics')
  return resourceMetrics
}

export function valueOf({ value }: KeyValue): Value {
  if (value === null) return ''
  return value.stringValue || value.intValue || value.doubleValue || value.boolValue
}
