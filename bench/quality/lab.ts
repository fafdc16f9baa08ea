/** The lab of `npm start`, simulated, with what watches it there: the alert rules of its control-plane, and what the anomaly agent is made of. */
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { Outlook } from '../../analysis/filling/outlook.ts'
import type { Anomaly } from '../../analysis/watch/watched.ts'
import { Watcher } from '../../analysis/watch/watcher.ts'
import { SHOP_TIMES } from '../../embedded/anomaly.ts'
import { evaluate, type RuleState, shopRules, type Transition } from '../../embedded/control-plane/rules.ts'
import type { IndicatorSample } from '../../lab/indicators.ts'
import { edges, replay, type ReplayOptions } from '../../lab/replay/replay.ts'
import { randomFrom } from '../rankings/measures.ts'

/** ms since the epoch */
export const START = Date.parse('2026-03-02T08:00:00Z')
export const MINUTE = 60_000

/** As in `npm start`. */
const LAB = { visitsPerSecond: 12, scrapeEveryMs: 1_000, windowMs: 10_000 }
const { stepMs: STEP_MS, latenessMs: LATENESS_MS, warmUp: WARM_UP } = SHOP_TIMES
/** Nothing is measured until a new shop has warmed up and the rate window is full. */
const OPENS_MS = 14_000
/** ms from the end of a step until what it shows is announced, on average: late samples are waited for, and the agent looks once a step. */
export const ANNOUNCED_AFTER_MS = LATENESS_MS + STEP_MS / 2

export interface LabOptions {
  durationMs: number
  seed: number
  fault?: ReplayOptions['fault']
  /** samples that are returned */
  isKept?: (sample: IndicatorSample) => boolean
}

export interface LabRun {
  anomalies: Anomaly[]
  forecasts: Forecast[]
  alerts: Transition[]
  kept: IndicatorSample[]
}

export async function watchLab({ durationMs, seed, fault, isKept = () => false }: LabOptions): Promise<LabRun> {
  const watcher = new Watcher({ stepMs: STEP_MS, latenessMs: 0, warmUp: WARM_UP })
  watcher.connect(edges)
  const outlook = new Outlook({ stepMs: STEP_MS })
  const run: LabRun = { anomalies: [], forecasts: [], alerts: [], kept: [] }
  let rules: RuleState = new Map()
  const onSamples = (round: readonly IndicatorSample[]): void => {
    const now = round[0]?.time ?? START
    if (now < START + OPENS_MS) return
    const { state, transitions } = evaluate(rules, shopRules, round)
    rules = state
    run.alerts.push(...transitions)
    for (const sample of round) {
      watcher.add(sample)
      outlook.add(sample)
      if (isKept(sample)) run.kept.push(sample)
    }
    if (now % STEP_MS !== 0) return
    run.anomalies.push(...watcher.advance(now))
    run.forecasts.push(...outlook.advance(now))
  }
  const options = { ...LAB, start: START, end: START + durationMs, random: randomFrom(seed), onSamples }
  await replay(fault === undefined ? options : { ...options, fault })
  return run
}
