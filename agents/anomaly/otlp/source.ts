/** Samples from the topic that the OpenTelemetry Collector writes. It is read by time: where to begin follows from what was concluded, so no offsets are committed. */
import type { Logger } from 'pino'
import type { TimeRange } from '../../../analysis/observations.ts'
import type { Sample } from '../../../analysis/watch/watched.ts'
import { type Bus, BusError, type Delivery, messageOf } from '../../../bus/bus.ts'
import { logging } from '../../../bus/observer.ts'
import { putAside } from '../../../bus/put-aside.ts'
import type { RecordLog } from '../../../bus/record-log.ts'
import type { Source, Target } from '../source.ts'
import { Gathering, type GatherOptions } from './gather.ts'
import type { Owner } from './groups.ts'
import type { Unused } from './streams.ts'
import { decode } from './wire.ts'

export interface OtlpOptions extends GatherOptions {
  records: RecordLog
  /** of dead letters */
  publish: Bus['publish']
  isOwned(owner: Owner): boolean
  log: Logger
  /** ms after the end of a step in which its records may still be written; default: half a step, as the agent's */
  latenessMs?: number
  clock?: () => number
}

export interface OtlpSource extends Source {
  /** the services that are measured */
  owners(signal: AbortSignal): Promise<Owner[]>
  /** why there is nothing to watch; null: there is */
  unhealthy(): string | null
  close(): Promise<void>
}

/** Prefix of the consumer group: each process reads on its own. */
export const OTLP_GROUP = 'sre-anomaly-otlp-'

/** Read before the first step, so that counters have something to be compared with. */
const BEFORE_MS = 120_000
/** Read to see which services there are, before anything is known of them. */
const GLANCE_MS = 180_000
/** A first start reads its hour in parts, so that it need not be held in memory. */
const AT_ONCE_MS = 300_000
const REPORT_MS = 60_000
/** A collector exports at least once a minute. */
const SILENT_MS = 120_000
/** Records between which others have their turn. */
const IN_A_ROW = 50
const CONSUMER = 'anomaly'

const keyOf = ({ tenant, service }: Target): string => `${tenant}\0${service}`

export function otlpSource(options: OtlpOptions): OtlpSource {
  const { records, publish, log, stepMs, latenessMs = stepMs / 2, clock = Date.now } = options
  const observer = logging(log)
  let gathering = new Gathering(options)
  /** since when it was read; null: not at all */
  let readFrom: number | null = null
  let readAt = -Infinity
  let known: Owner[] = []
  let writtenAt = -Infinity
  let failure: string | null = null
  /** by service: up to when samples were given, which are given once */
  const given = new Map<string, number>()
  let isOurs: NonNullable<GatherOptions['isOurs']> = () => true
  let reported = { at: -Infinity, ...gathering.unused }

  async function begin(time: number): Promise<void> {
    known = owned()
    readFrom = null
    gathering = new Gathering({ ...options, isOurs })
    given.clear()
    reported = { at: reported.at, ...gathering.unused }
    await records.from(time)
    readFrom = time
  }

  async function readUpTo(time: number, signal: AbortSignal): Promise<void> {
    let taken = 0
    try {
      for await (const delivery of records.read(time, signal)) {
        await take(delivery)
        taken += 1
        if (taken % IN_A_ROW === 0) await new Promise(setImmediate)
      }
    } catch (error) {
      failure = messageOf(error)
      // it begins again at what was concluded
      if (error instanceof BusError && error.code === 'unavailable') readFrom = null
      throw error
    }
    readAt = clock()
    failure = null
  }

  async function take(delivery: Delivery): Promise<void> {
    // the clock of who wrote it may be ahead
    const timestamp = Math.min(delivery.origin.timestamp, clock())
    writtenAt = Math.max(writtenAt, timestamp)
    if (delivery.unreadable !== undefined) return aside(delivery, 'unreadable', delivery.unreadable)
    if (delivery.value === null) return aside(delivery, 'no_value', 'the record has no value')
    let metrics
    try {
      metrics = decode(delivery.value)
    } catch (error) {
      return aside(delivery, 'undecodable', `not an ExportMetricsServiceRequest in protobuf (otlp_proto): ${messageOf(error)}`) // prettier-ignore
    }
    gathering.add(metrics, timestamp)
  }

  const aside = (delivery: Delivery, code: string, reason: string): Promise<void> =>
    putAside([{ delivery, why: { consumer: CONSUMER, group: OTLP_GROUP, code, reason } }], publish, observer)

  const owned = (): Owner[] => {
    const seen = gathering.owners()
    return seen.length > 0 ? seen : known
  }

  /** What was given and not kept is read again, and what nobody will ask about is not read. */
  const mustBegin = (targets: readonly Target[], { start }: TimeRange): boolean =>
    readFrom === null ||
    start - BEFORE_MS < readFrom ||
    targets.some((target) => start < (given.get(keyOf(target)) ?? -Infinity)) ||
    (gathering.closedUntil > -Infinity && start - gathering.closedUntil > BEFORE_MS)

  function report(): void {
    for (const metric of gathering.takeCut())
      log.warn({ metric }, 'more attribute sets than are watched: the others are left out')
    const { unused } = gathering
    const more = (Object.keys(unused) as Unused[]).filter((why) => unused[why] > reported[why])
    if (more.length === 0 || clock() - reported.at < REPORT_MS) return
    log.info(Object.fromEntries(more.map((why) => [why, unused[why] - reported[why]])), 'points were not used')
    reported = { at: clock(), ...unused }
  }

  return {
    atOnceMs: AT_ONCE_MS,
    only(wanted) {
      isOurs = wanted
      // what was skipped until now is read again
      readFrom = null
    },
    async read(targets, range, _stepMs, signal) {
      if (mustBegin(targets, range)) await begin(range.start - BEFORE_MS)
      await readUpTo(range.end + latenessMs, signal)
      gathering.close(range.end)
      report()
      const samples: Sample[] = []
      for (const target of targets) {
        const { service, namespace, strict } = target
        for (const sample of gathering.take(strict ? { service, namespace } : { service, namespace: null }, range)) samples.push(sample) // prettier-ignore
        given.set(keyOf(target), range.end)
      }
      return { samples, failures: [] }
    },
    async owners(signal) {
      // as long as nobody watches, nothing else reads, and no step is closed
      const isIdle = clock() - readAt > GLANCE_MS / 3
      if (readFrom === null || isIdle) await begin(clock() - GLANCE_MS)
      if (isIdle) await readUpTo(clock(), signal)
      return owned()
    },
    unhealthy() {
      if (failure !== null) return failure
      const silentMs = readAt - writtenAt
      if (silentMs <= SILENT_MS) return null
      return `${records.topic}: nothing was written ${silentMs === Infinity ? 'lately' : `for ${Math.round(silentMs / 1000)} s`}`
    },
    close: () => records.close(),
  }
}
