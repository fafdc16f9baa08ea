/** Faults of the lab: when the anomaly agent says something, when the alert rule fires, and what was foretold of what gets full. */
import type { Forecast } from '../../analysis/filling/forecasts.ts'
import { FAULT_NAMES, type FaultName, faults } from '../../lab/faults.ts'
import type { IndicatorSample } from '../../lab/indicators.ts'
import { randomFrom } from '../rankings/measures.ts'
import { errorAtHalf } from './error-at-half.ts'
import { ANNOUNCED_AFTER_MS, MINUTE, START, watchLab } from './lab.ts'

export interface FaultRun {
  fault: FaultName
  seed: number
  /** ms from the onset until something is announced, and until a rule fires; null: not within the time that is watched */
  announced: number | null
  alerted: number | null
  /** announced before the onset */
  before: number
  /** of faults that make something full */
  full: { lengthMs: number; error: number | null } | null
}

/** With a service where they begin. */
export const GUILTY = FAULT_NAMES.filter((name) => faults[name].service !== null)
/** Nothing is wrong, and yet something happens. */
export const INNOCENT: readonly FaultName[] = ['traffic-surge']

const [LEAD, AFTER] = [10 * MINUTE, 6 * MINUTE]
/** Onsets fall anywhere in a step. */
const SPREAD = 10_000
/** What gets full. */
const FULL: Readonly<Partial<Record<FaultName, string>>> = { 'memory-leak': 'memory_ratio', 'disk-filling': 'disk', 'pool-exhausted': 'connections' } // prettier-ignore
/** Share that counts as full, and a fall that shows that the process was killed. */
const [REACHED, KILLED] = [0.995, 0.3]

export async function faultRun(fault: FaultName, seed: number): Promise<FaultRun> {
  const own = 1_000 * seed + FAULT_NAMES.indexOf(fault)
  const onset = START + LEAD + Math.floor(SPREAD * randomFrom(own)())
  const { service } = faults[fault]
  const isResource = (one: Pick<IndicatorSample, 'service' | 'indicator'>): boolean => one.service === service && one.indicator === FULL[fault] // prettier-ignore
  const { anomalies, forecasts, alerts, kept } = await watchLab({
    durationMs: LEAD + AFTER,
    seed: own,
    fault: { name: fault, at: onset, until: null },
    isKept: isResource,
  })
  const said = [...anomalies, ...forecasts].filter(({ phase }) => phase === 'opened' || phase === 'produced').map(({ at }) => at + ANNOUNCED_AFTER_MS) // prettier-ignore
  const fired = alerts.filter(({ type }) => type === 'fired').map(({ at }) => at)
  return {
    ...{ fault, seed, announced: firstAfter(onset, said), alerted: firstAfter(onset, fired) },
    before: said.filter((at) => at < onset).length,
    full: fullOf(kept, forecasts.filter(isResource), onset),
  }
}

function firstAfter(onset: number, times: readonly number[]): number | null {
  const after = times.filter((at) => at >= onset).map((at) => at - onset)
  return after.length === 0 ? null : Math.min(...after)
}

function fullOf(samples: readonly IndicatorSample[], forecasts: readonly Forecast[], onset: number): FaultRun['full'] {
  const full = samples.find(({ time, value }, at) => time > onset && (value >= REACHED || value < samples[at - 1]!.value - KILLED)) // prettier-ignore
  if (full === undefined) return null
  return { lengthMs: full.time - onset, error: errorAtHalf(forecasts, onset, full.time) }
}
