/** OTLP metrics as decoded, with what they do not say left out. */
import type {
  ExponentialPoint,
  HistogramPoint,
  KeyValue,
  Metric,
  NumberPoint,
  ResourceMetrics,
} from '../../../agents/anomaly/otlp/wire.ts'

export type Attributes = Readonly<Record<string, string>>

export const attributesOf = (attributes: Attributes): KeyValue[] =>
  Object.entries(attributes).map(([key, stringValue]) => ({ key, value: { stringValue, boolValue: false, intValue: 0, doubleValue: 0 } })) // prettier-ignore

const SECOND = 1e9
interface When {
  /** seconds since the epoch */
  at: number
  since?: number
  attributes?: Attributes
}
const about = ({ at, since = 0, attributes = {} }: When) => ({
  ...{ timeUnixNano: at * SECOND, startTimeUnixNano: since * SECOND, attributes: attributesOf(attributes), flags: 0 },
})

export const number = (value: number, when: When): NumberPoint => ({ ...about(when), asDouble: value, asInt: 0 })
export const buckets = (explicitBounds: number[], bucketCounts: number[], when: When): HistogramPoint => ({
  ...{ ...about(when), explicitBounds, bucketCounts },
})
export const exponential = (scale: number, offset: number, bucketCounts: number[], when: When): ExponentialPoint => ({
  ...{ ...about(when), scale, zeroCount: 0, positive: { offset, bucketCounts }, negative: null },
})

const NOTHING = { unit: '', gauge: null, sum: null, histogram: null, exponentialHistogram: null }
type Named = Pick<Metric, 'name'> & { unit?: string }

export const DELTA = 1
export const CUMULATIVE = 2

export const gauge = (named: Named, ...dataPoints: NumberPoint[]): Metric => ({ ...NOTHING, ...named, gauge: { dataPoints } }) // prettier-ignore
export const sum = (named: Named, aggregationTemporality: number, ...dataPoints: NumberPoint[]): Metric => ({
  ...{ ...NOTHING, ...named, sum: { dataPoints, aggregationTemporality, isMonotonic: true } },
})
export const histogram = (named: Named, aggregationTemporality: number, ...dataPoints: HistogramPoint[]): Metric => ({
  ...{ ...NOTHING, ...named, histogram: { dataPoints, aggregationTemporality } },
})
export const exponentialHistogram = (named: Named, aggregationTemporality: number, ...dataPoints: ExponentialPoint[]): Metric => ({ ...NOTHING, ...named, exponentialHistogram: { dataPoints, aggregationTemporality } }) // prettier-ignore

export const resource = (attributes: Attributes, ...metrics: Metric[]): ResourceMetrics => ({
  ...{ resource: { attributes: attributesOf(attributes) }, scopeMetrics: [{ metrics }] },
})
