/**
 * The analysis beside the thread that serves: a large one takes seconds, in which heartbeats, streams and other sessions would stand still.
 */
import { availableParallelism } from 'node:os'
import pLimit from 'p-limit'
import { Piscina } from 'piscina'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'

/** A large analysis takes seconds. One of this time was made to: it is ended, and its thread with it. */
const LONGEST_MS = 120_000
const THREADS = Math.max(1, availableParallelism() - 1)

/** It was past its time and was ended: another try would take as long. */
export class AnalysisTimeoutError extends Error {
  override readonly name = 'AnalysisTimeoutError'
  readonly longestMs: number
  constructor(longestMs: number, options?: ErrorOptions) {
    super(`the analysis took longer than ${longestMs / 1000} s and was ended`, options)
    this.longestMs = longestMs
  }
}

export interface AnalysisOptions {
  /** of one analysis, from when it has a thread: what waits behind a long one is not ended with it */
  longestMs?: number
}

export interface Analysis {
  /** As `diagnose` does, and rejects as it throws; or with `AnalysisTimeoutError`. */
  analyse(observations: Observations): Promise<Verdict>
  /** What is being analysed is given up: its run goes to another owner, as all do that are not over when a process stops. */
  close(): Promise<void>
}

export function startAnalysis({ longestMs = LONGEST_MS }: AnalysisOptions = {}): Analysis {
  const threads = new Piscina<Observations, Verdict>({
    filename: new URL('analysis-thread.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: THREADS,
    idleTimeout: 60_000,
  })
  const turn = pLimit(THREADS)
  const closing = new AbortController()
  const analyse = async (observations: Observations): Promise<Verdict> => {
    const time = AbortSignal.timeout(longestMs)
    try {
      return await threads.run(observations, { signal: AbortSignal.any([time, closing.signal]) })
    } catch (error) {
      if (!time.aborted) throw error
      throw new AnalysisTimeoutError(longestMs, { cause: error })
    }
  }
  return {
    analyse: (observations) => turn(analyse, observations),
    // what waits for its turn begins no more
    close: () => {
      closing.abort()
      return threads.destroy()
    },
  }
}
