/** Metrics of the agents in a process: runs, waiting runs, and published events. */
import { channel } from 'node:diagnostics_channel'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Outgoing } from './agent.ts'

/** an `Outgoing` that is now on its topic; reported once */
export const publishedChannel = channel('sre:published')
/** a run that has ended, as `EndedRun` */
export const endedChannel = channel('sre:ended')

export interface EndedRun {
  agent: string
  /** `completed`, or the code it ended early with */
  outcome: string
  seconds: number
}

/** Counts until the returned function is called. */
export function countAgents(registry: Registry, waiting: () => Promise<ReadonlyMap<string, number>>): () => void {
  const registers = [registry]
  const runs = new Histogram({
    name: 'sre_run_duration_seconds',
    help: 'Duration of ended runs, from their first start, by outcome: completed, or the code with which a run ended early',
    labelNames: ['agent', 'outcome'],
    buckets: [0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300],
    registers,
  })
  new Gauge({
    name: 'sre_runs_waiting',
    help: 'Queued runs, of all replicas together; intake pauses when the queue is full',
    labelNames: ['agent'],
    registers,
    async collect() {
      this.reset()
      // missing is not zero: the scrape still shows the rest
      for (const [agent, count] of await waiting().catch(() => [])) this.set({ agent }, count)
    },
  })
  const count = countPublished(registers)
  const onEnded = (message: unknown): void => {
    const { agent, outcome, seconds } = message as EndedRun
    runs.observe({ agent, outcome }, seconds)
  }
  const onPublished = (message: unknown): void => count(message as Outgoing)
  endedChannel.subscribe(onEnded)
  publishedChannel.subscribe(onPublished)
  return () => {
    endedChannel.unsubscribe(onEnded)
    publishedChannel.unsubscribe(onPublished)
  }
}

function countPublished(registers: Registry[]): (outgoing: Outgoing) => void {
  const sessions = new Counter({
    name: 'sre_sessions_total',
    help: 'Diagnoses that ended, by status (completed, partial, failed, cancelled) and verdict (none: there is no verdict)',
    labelNames: ['status', 'verdict'],
    registers,
  })
  const calls = new Histogram({
    name: 'sre_tool_call_duration_seconds',
    help: 'Calls of tools and models, by outcome: ok, no_data, failed',
    labelNames: ['agent', 'tool', 'operation', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    registers,
  })
  const closed = new Counter({
    name: 'sre_approvals_closed_total',
    help: 'Approvals the executor closed: approved, rejected, expired, refused, joined, overtaken',
    labelNames: ['outcome'],
    registers,
  })
  const actions = new Counter({
    name: 'sre_actions_total',
    help: 'Approved actions that ended, whether run or not, by outcome (succeeded, failed, not_run, unknown) and measured effect',
    labelNames: ['outcome', 'effect'],
    registers,
  })
  return ({ event, value }) => {
    if (event === 'DiagnosisCompleted') sessions.inc({ status: value.status, verdict: value.verdict ?? 'none' })
    if (event === 'AgentUsage') {
      const { agent, name: tool, operation, outcome, latency_ms: ms } = value
      calls.observe({ agent, tool, operation: operation ?? '', outcome }, ms / 1000)
    }
    if (event === 'ApprovalClosed') closed.inc({ outcome: value.outcome })
    if (event === 'ActionCompleted') actions.inc({ outcome: value.outcome, effect: value.effect })
  }
}
