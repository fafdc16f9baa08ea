/** Request indicators of any histogram or counter. */
import type { Found, Indicator } from './indicator.ts'
import { pick } from './promql.ts'

const QUANTILES = [50, 95, 99]

/**
 * Quantiles of classic buckets, else of a native histogram. With neither, the mean and the maximum, so that every service with some latency metric
 * gets an indicator.
 */
export function latencies(base: string, toMs: number): Indicator[] {
  const [buckets, sum, count, longest] = ['bucket', 'sum', 'count', 'max'].map((of) => `${base}_${of}`) as [string, string, string, string] // prettier-ignore
  const inMs = (promql: string) => (toMs === 1 ? promql : `${promql} * ${toMs}`)
  const latency = { signal: 'latency', unit: 'ms' } as const
  const rate = (metric: string, { selector, window }: Found) => `rate(${pick(metric, selector)}[${window}])`
  // a summary has the same name as a native histogram, but a `quantile` label
  const native = ({ selector, ...found }: Found) => rate(base, { ...found, selector: `${selector},quantile=""` })
  const histograms = (found: Found) => [
    ...(found.metrics.has(buckets) ? [`sum by (le) (${rate(buckets, found)})`] : []),
    ...(found.metrics.has(base) ? [`sum(${native(found)})`] : []),
  ]
  const elsewhere = (found: Found) => [
    ...(found.metrics.has(buckets) ? [` unless sum(${rate(buckets, found)})`] : []),
    ...(found.metrics.has(base) ? [` unless histogram_count(sum(${native(found)}))`] : []),
  ]
  return [
    ...QUANTILES.map((percent) => ({
      name: `latency_p${percent}`,
      ...latency,
      needs: [],
      either: [buckets, base],
      promql: (found: Found) =>
        histograms(found)
          .map((one) => inMs(`histogram_quantile(${percent / 100}, ${one})`))
          .join(' or '),
    })),
    {
      name: 'latency_mean',
      ...latency,
      needs: [sum, count],
      promql: (found) => `${inMs(`sum(${rate(sum, found)}) / sum(${rate(count, found)})`)}${elsewhere(found).join('')}`,
    },
    {
      name: 'latency_max',
      ...latency,
      needs: [longest],
      promql: (found) => `${inMs(`max(${pick(longest, found.selector)})`)}${elsewhere(found).join('')}`,
    },
  ]
}

/**
 * Request rate, error rate and error ratio. Where requests are counted and none failed, the error rate is a measured zero. The ratio comes first: it
 * does not depend on load, so it wins where both moved equally.
 */
export function requests(counter: string, native: boolean): Indicator[] {
  const rates = (matchers: string, window: string) => {
    const each = `rate(${pick(counter, native ? `${matchers},quantile=""` : matchers)}[${window}])`
    return native ? `histogram_count(${each})` : each
  }
  const rate = ({ selector, window }: Found) => `sum(${rates(selector, window)})`
  const failures = (found: Found) => {
    const { selector, window, failed } = found
    if (failed === null) return null
    const failing = failed.map((matcher) => rates(`${selector},${matcher}`, window))
    return `(sum(${failing.join(' or ')}) or 0 * ${rate(found)})`
  }
  const needs = [counter]
  return [
    { name: 'request_rate', signal: 'traffic', unit: '1/s', needs, promql: rate },
    {
      name: 'error_ratio',
      signal: 'errors',
      unit: 'ratio',
      needs,
      promql: (found) => {
        const failing = failures(found)
        return failing === null ? null : `${failing} / ${rate(found)}`
      },
    },
    { name: 'error_rate', signal: 'errors', unit: '1/s', needs, promql: failures },
  ]
}
