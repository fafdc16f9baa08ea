/** The worker started by `analysis-threads.ts`. It keeps the latest data, so that sessions about the same data send and compare it once. */
import { LRUCache } from 'lru-cache'
import { diagnose } from '../../analysis/diagnose.ts'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'

/** The large part of the observations. */
export type Data = Pick<Observations, 'series' | 'logs' | 'spans'>

export interface Task {
  /** name of the data; null: it is not kept */
  key: string | null
  /** absent: this thread may still have it */
  data?: Data
  about: Omit<Observations, keyof Data>
}

/** The data of two time ranges takes some tens of megabytes. */
const MOST = 2
const KEPT_MS = 60_000

const kept = new LRUCache<string, Data>({ max: MOST, ttl: KEPT_MS, ttlAutopurge: true, updateAgeOnGet: true })

/** null: this thread does not have the data. */
export default function analyse({ key, data: sent, about }: Task): Verdict | null {
  const data = sent ?? (key === null ? undefined : kept.get(key))
  if (data === undefined) return null
  if (key !== null && sent !== undefined) kept.set(key, sent)
  return diagnose({ ...about, ...data })
}
