/**
 * The analysis beside the thread that serves: a large one takes seconds, in which heartbeats, streams and other sessions would stand still.
 */
import { availableParallelism } from 'node:os'
import { Piscina } from 'piscina'
import type { Observations } from '../../analysis/observations.ts'
import type { Verdict } from '../../analysis/verdict.ts'

export interface Analysis {
  /** As `diagnose` does, and rejects as it throws. */
  analyse(observations: Observations): Promise<Verdict>
  /** What is being analysed is given up: its run goes to another owner, as all do that are not over when a process stops. */
  close(): Promise<void>
}

export function startAnalysis(): Analysis {
  const threads = new Piscina<Observations, Verdict>({
    filename: new URL('analysis-thread.ts', import.meta.url).href,
    minThreads: 1,
    maxThreads: Math.max(1, availableParallelism() - 1),
    idleTimeout: 60_000,
  })
  return { analyse: (observations) => threads.run(observations), close: () => threads.destroy() }
}
