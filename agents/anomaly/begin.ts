/** How watching a part begins: from what is stored, or from the weeks before anybody watched. */
import type { Logger } from 'pino'
import { SnapshotFormatError } from '../../analysis/anomalies/stream-detector.ts'
import { Outlook } from '../../analysis/filling/outlook.ts'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import { Watcher, type WatcherState } from '../../analysis/watch/watcher.ts'
import type { Part } from './shards.ts'
import type { Measured, Source, Target } from './source.ts'
import type { AnomalyStore } from './store.ts'

export interface Beginning {
  source: Source
  store: Pick<AnomalyStore, 'load' | 'loadOutlook'>
  log: Logger
  clock(): number
  /** as in `AnomalyOptions` */
  stepMs: number
  historyMs: number
  warmUp: number
  /** of what is asked of the source */
  limit: AbortSignal
  stopped: AbortSignal
}

/** What is known of a part. */
export interface Watch {
  watcher: Watcher
  outlook: Outlook
  isStored: boolean
  savedAt: number
  /** history is being read that nobody watched */
  isFirst: boolean
  /** the same of forecasts */
  isNewOutlook: boolean
  /** the ends of anomalies that were open in a state of no use */
  lost: readonly Anomaly[]
}

const HOUR_MS = 3_600_000
const REMEMBERED_MS = 30 * 24 * HOUR_MS
/** Services, as many as are asked about at once: nothing is spread over time then. */
const REMEMBERED_AT_ONCE = 4

/** Continues from what is stored of the part; else it has everything to learn. `targets`: its services. */
export async function begin(part: Part, targets: readonly Target[], beginning: Beginning): Promise<Watch> {
  const { store, stepMs, warmUp, clock } = beginning
  const state = await store.load(part)
  const watcher = state === null ? null : knowing(part, state, beginning)
  const foretold = await store.loadOutlook(part, stepMs)
  const outlook = new Outlook({ stepMs }, foretold ?? undefined)
  if (foretold === null) await remember(part, targets, outlook, beginning)
  return {
    ...{ watcher: watcher ?? new Watcher({ stepMs, latenessMs: 0, warmUp }), outlook },
    ...{ isFirst: watcher === null, isNewOutlook: watcher === null && foretold === null },
    lost: watcher === null ? (state?.open ?? []).map(({ told }) => lost(told, clock())) : [],
    ...{ isStored: state !== null || foretold !== null, savedAt: -Infinity },
  }
}

/** What is known of the weeks before it first watched; a trend of days needs no days of watching then. A few services at a time: a month of all is much. */
async function remember(
  { tenant }: Part,
  targets: readonly Target[],
  outlook: Outlook,
  { source, log, clock, historyMs, limit, stopped }: Beginning,
): Promise<void> {
  // a source that is read in parts has no month to read
  if (source.atOnceMs !== undefined) return
  const end = Math.floor((clock() - historyMs) / HOUR_MS) * HOUR_MS
  const range = { start: end - REMEMBERED_MS, end }
  const unread: Measured['failures'] = []
  for (let at = 0; at < targets.length; at += REMEMBERED_AT_ONCE) {
    const some = targets.slice(at, at + REMEMBERED_AT_ONCE)
    const { samples, failures } = limit.aborted ? failed(some, 'no time was left') : await source.read(some, range, HOUR_MS, limit).catch((error: unknown) => failed(some, String(error))) // prettier-ignore
    for (const sample of samples.toSorted((a, b) => a.time - b.time)) outlook.add(sample)
    for (const failure of failures) unread.push(failure)
  }
  if (unread.length === 0 || stopped.aborted) return
  const [{ service, why }] = unread as [Measured['failures'][number]]
  log.warn({ tenant, services: unread.length, service, error: why }, 'the last weeks could not be read of all services: trends of days are told after four') // prettier-ignore
}

/** null: what was known is of no use. */
function knowing({ tenant, shard }: Part, state: WatcherState, { stepMs, warmUp, log }: Beginning): Watcher | null {
  try {
    if (state.stepMs === stepMs) return Watcher.restored(state, { stepMs, latenessMs: 0, warmUp })
    log.warn(
      { tenant, shard, before: state.stepMs, now: stepMs },
      'what was known is of other steps, and is learned again',
    )
  } catch (error) {
    if (!(error instanceof SnapshotFormatError)) throw error
    log.warn({ tenant, shard, error: error.message }, 'what was known is of another release, and is learned again')
  }
  return null
}

/** Nobody can tell any more when it is over. */
const lost = (told: Anomaly, at: number): Anomaly => ({ ...told, phase: 'closed', sequence: told.sequence + 1, at, ending: 'no_data' }) // prettier-ignore

const failed = (targets: readonly Target[], why: string): Measured => ({ samples: [], failures: targets.map(({ service }) => ({ service, why })) }) // prettier-ignore
