/** Runs the analysis in worker threads: a large one takes seconds and would block heartbeats, streams and other sessions. */
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { Piscina } from 'piscina'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'
import type { Task } from './analysis-thread.ts'

/** A large analysis takes seconds. One that takes this long is probably hostile input: it is stopped and its thread is ended. */
const LONGEST_MS = 120_000
const THREADS = Math.max(1, availableParallelism() - 1)

/** The analysis hit its time limit and was stopped. A retry would take as long. */
export class AnalysisTimeoutError extends Error {
  override readonly name = 'AnalysisTimeoutError'
  readonly longestMs: number
  constructor(longestMs: number, options?: ErrorOptions) {
    super(`the analysis took longer than ${longestMs / 1000} s and was ended`, options)
    this.longestMs = longestMs
  }
}

export interface AnalysisOptions {
  /** ms per analysis, counted from when it gets a thread, so time in the queue does not count */
  longestMs?: number
}

export interface Analysis {
  /**
   * Resolves and rejects as `diagnose` does, or rejects with `AnalysisTimeoutError`. `key`: names the series, log lines and spans; a thread that has lately analysed
   * them is not sent them again.
   */
  analyse(observations: Observations, key?: string): Promise<Verdict>
  /** Aborts the running analyses. Their runs move to another owner, like every run that is unfinished when a process stops. */
  close(): Promise<void>
}

export function startAnalysis({ longestMs = LONGEST_MS }: AnalysisOptions = {}): Analysis {
  const threads = new Piscina<Task, Verdict | null>({
    filename: new URL('analysis-thread.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: THREADS,
    idleTimeout: 60_000,
    // otherwise an idle thread would sleep in its last job: no timer would end, and nothing be forgotten
    atomics: 'disabled',
  })
  const turn = pLimit(THREADS)
  const closing = new AbortController()
  const analyse = async ({ series, logs, spans, ...about }: Observations, key: string | null): Promise<Verdict> => {
    const time = AbortSignal.timeout(longestMs)
    const run = (task: Task) => threads.run(task, { signal: AbortSignal.any([time, closing.signal]) })
    try {
      const known = key === null ? null : await run({ key, about })
      return known ?? (await run({ key, data: { series, logs, spans }, about }))!
    } catch (error) {
      if (!time.aborted) throw error
      throw new AnalysisTimeoutError(longestMs, { cause: error })
    }
  }
  return {
    analyse: (observations, key) => turn(analyse, observations, key ?? null),
    // a queued analysis must not start any more
    close: () => {
      closing.abort()
      return threads.destroy()
    },
  }
}
