/** What services export by OTLP, as records of `otlp_metrics`: gauges, counters and histograms of requests that do what such series do. */
import { request } from '../../agents/anomaly/otlp/wire.ts'
import { randomFrom } from '../rankings/measures.ts'

export const STEP_MS = 10_000
export const START = Date.UTC(2026, 0, 1)
/** a histogram of requests becomes six */
const OF_REQUESTS = 6
const OF_SERVICE = 100
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } })
const NS = 1e6

export interface Exports {
  /** the record of each service in a step */
  records: Buffer[]
  points: number
}

/** `series`: that are watched. Each step follows the one before. */
export function exporting(series: number) {
  const random = randomFrom(7)
  const services = Array.from({ length: Math.max(1, Math.round(series / OF_SERVICE)) }, (_, at) => `service-${at}`)
  const numbers = OF_SERVICE - OF_REQUESTS
  const counted = services.map(() => new Float64Array(numbers))
  const requests = services.map(() => BOUNDS.map(() => 0))
  const exported = (service: number, step: number): Buffer => {
    const at = { timeUnixNano: (START + step * STEP_MS) * NS, startTimeUnixNano: START * NS }
    const about = (name: string) => ({ ...at, attributes: [text('name', name), text('kind', 'bench')] })
    const metrics = Array.from({ length: numbers }, (_, index) => {
      const isCounter = index % 2 === 1
      const value = isCounter ? (counted[service]![index]! += Math.floor(100 + 20 * random())) : 50 + 5 * random()
      const dataPoints = [isCounter ? { ...about('counter'), asInt: value } : { ...about('gauge'), asDouble: value }]
      const name = `app.${isCounter ? 'operations' : 'pool.size'}.${index}`
      return isCounter ? { name, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } } : { name, gauge: { dataPoints } } // prettier-ignore
    })
    const buckets = requests[service]!
    for (let each = 0; each < 20; each += 1) buckets[Math.floor(random() ** 2 * 8)]! += 1
    const point = { ...at, attributes: [text('http.route', '/'), text('http.response.status_code', '200')], bucketCounts: [...buckets, 0], explicitBounds: BOUNDS } // prettier-ignore
    const measured = { name: 'http.server.request.duration', unit: 's', histogram: { dataPoints: [point], aggregationTemporality: 2 } } // prettier-ignore
    const resource = { attributes: [text('service.name', services[service]!), text('service.instance.id', 'a'), text('k8s.namespace.name', 'shop')] } // prettier-ignore
    const body = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [...metrics, measured] }] }] }
    return Buffer.from(request.encode(body).finish())
  }
  return {
    services,
    step: (step: number): Exports => ({
      records: services.map((_, service) => exported(service, step)),
      points: services.length * (numbers + 1),
    }),
  }
}
