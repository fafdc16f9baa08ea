/** The two systems of Nezha: pods sampled once a minute, faults two hours apart, and for the second system some minutes of logs and traces. */
import { join } from 'node:path'
import { randomFrom } from '../../../bench/rankings/measures.ts'
import { csv, packed, range, write } from './write.ts'

const MINUTE = 60_000
const random = randomFrom(2)
const around = (level: number): number => level * (1 + 0.1 * (random() - 0.5))

interface Fault {
  /** `HH:MM` of the day */
  at: string
  pod: string
  type: string
}

const podOf = (service: string): string => `${service}-579f59597d-wc2lz`
const instant = (day: string, at: string): number => Date.parse(`${day}T${at}:00Z`)

function writeMetrics(dir: string, day: string, pods: readonly string[], faults: readonly Fault[]): void {
  const times = range(340).map((minute) => instant(day, '09:00') + minute * MINUTE)
  const written = (time: number): string => `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')}.573 +0000 UTC m=+0.079` // prettier-ignore
  const isIn = (time: number, { at }: Fault): boolean => time >= instant(day, at) && time < instant(day, at) + 8 * MINUTE // prettier-ignore
  for (const pod of pods) {
    const rows = times.map((time) => {
      const factor = faults.some((fault) => fault.pod === pod && isIn(time, fault)) ? 8 : 1
      return [written(time), time / 1000, pod, around(20 * factor), around(120), around(0.05 * factor)]
    })
    const header = ['Time', 'TimeStamp', 'PodName', 'CpuUsage(m)', 'MemoryUsage(Mi)', 'PodServerLatencyP95(s)']
    write(join(dir, 'metric', `${pod}_metric.csv`), csv(header, rows))
  }
  const front = times.map((time) => [written(time), time / 1000, 'Frontend', 100, around(0.2)])
  write(join(dir, 'metric', 'front_service.csv'), csv(['Time', 'TimeStamp', 'ServiceName', 'SuccessRate(%)', 'LatencyP95(s)'], front)) // prettier-ignore
}

const faultList = (day: string, faults: readonly Fault[]): string =>
  JSON.stringify(Object.groupBy(faults.map(({ at, pod, type }) => ({ inject_time: `${day} ${at}:04`, inject_pod: pod, inject_type: type })), ({ inject_time }) => inject_time.slice(11, 13))) // prettier-ignore

export function writeOnlineBoutique(root: string): void {
  const day = '2022-08-22'
  const services = ['frontend', 'cartservice', 'emailservice', 'adservice']
  const faults = [
    { at: '10:00', pod: podOf('cartservice'), type: 'cpu_contention' },
    { at: '12:00', pod: podOf('emailservice'), type: 'cpu_consumed' },
  ]
  writeMetrics(join(root, day), day, services.map(podOf), faults)
  write(join(root, day, 'metric', 'dependency.csv'), csv(['Source', 'Target', 'Weight'], services.slice(1).map((target) => ['frontend', target, 1]))) // prettier-ignore
  write(join(root, day, `${day}-fault_list.json`), faultList(day, faults))
}

export const TRAIN_TICKET_DAY = '2023-01-29'
const CHAIN = ['ts-ui-dashboard', 'ts-travel-service', 'ts-route-service']

export function writeTrainTicket(root: string): void {
  const day = TRAIN_TICKET_DAY
  const pods = [...CHAIN, 'ts-order-service'].map(podOf)
  const faults = [
    { at: '10:00', pod: podOf('ts-route-service'), type: 'exception' },
    { at: '12:00', pod: podOf('ts-order-service'), type: 'cpu_contention' },
  ]
  writeMetrics(join(root, day), day, pods, faults.slice(1))
  write(join(root, day, 'fault_list.json'), faultList(day, faults))
  writeMinute(join(root, 'normal'), day, '08:50', false)
  for (const { at, type } of faults)
    for (const offset of [0, 1, 2])
      writeMinute(join(root, day), day, `${at.slice(0, 3)}0${offset}`, offset > 0 && type === 'exception')
}

const hex = (length: number): string => range(length).map(() => Math.floor(random() * 15 + 1).toString(16)).join('') // prettier-ignore
const nano = (ms: number): string => `${Math.floor(ms)}000000`

/** Named for the minute it ends. One request per second goes down the chain; if it is broken, the last service throws. */
function writeMinute(dir: string, day: string, ends: string, isBroken: boolean): void {
  const begin = instant(day, ends) - MINUTE
  const requests = range(60).map((second) => requestAt(begin + 1000 * second, isBroken))
  const file = (kind: string): string => join(dir, kind, `${ends.replace(':', '_')}_${kind}.csv.gz`)
  const logs = csv(['Timestamp', 'TimeUnixNano', 'Node', 'PodName', 'Container', 'TraceID', 'SpanID', 'Log'], requests.flatMap((one) => one.logs)) // prettier-ignore
  // the export contains truncated rows
  const broken = `${new Date(begin).toISOString()},${nano(begin)},node,${podOf(CHAIN[0]!)},server,,,"{""log"":""14:00"\n`
  write(file('log'), packed(logs + broken))
  write(file('trace'), packed(csv(['TraceID', 'SpanID', 'ParentID', 'PodName', 'OperationName', 'StartTimeUnixNano', 'EndTimeUnixNano', 'Duration'], requests.flatMap((one) => one.spans)))) // prettier-ignore
}

function requestAt(start: number, isBroken: boolean): { logs: (string | number)[][]; spans: (string | number)[][] } {
  const [traceId, spanIds] = [hex(32), CHAIN.map(() => hex(16))]
  const parts = CHAIN.map((service, depth) => {
    const [pod, spanId, begin] = [podOf(service), spanIds[depth]!, start + 10 * depth]
    const throws = isBroken && depth === CHAIN.length - 1
    const said = throws ? 'ERROR c.c.Handler#12' : 'INFO  c.c.Handler#12'
    const text = throws ? 'java.lang.IllegalStateException: no route found' : `handled request of ${service} in full`
    const log = `18:00:00.382 ${said} TraceID: ${traceId} SpanID: ${spanId} ${text}\n`
    return {
      log: [new Date(begin).toISOString(), nano(begin), 'node', pod, 'server', traceId, spanId, JSON.stringify({ log, stream: 'stdout' })], // prettier-ignore
      span: [traceId, spanId, depth === 0 ? 'root' : spanIds[depth - 1]!, pod, `GET /${service}`, nano(begin), nano(begin + around(60) - 15 * depth), 0], // prettier-ignore
    }
  })
  return { logs: parts.map(({ log }) => log), spans: parts.map(({ span }) => span) }
}
