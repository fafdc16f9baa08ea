/** Reports on the bus that an agent is alive and whether its tools answer, so that nobody has to read the agents' tables. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { v7 as uuid } from 'uuid'
import type { Bus } from '../../bus/bus.ts'
import type { AgentTool, AgentWorkflow } from '../../schemas/events.generated.ts'
import type { Outgoing } from './agent.ts'
import { publishedChannel } from './metrics.ts'
import { redactText } from './redaction.ts'

/** A tool of an agent, and how to find out whether it answers. */
export interface ToolCheck {
  /** as in the results of its calls: prometheus, loki, control-plane … */
  tool: string
  /** URL without credentials; null: not over HTTP, or not configured */
  endpoint: string | null
  /** operations it answers */
  capabilities: readonly string[]
  /** rejects with the reason if the tool does not answer; null: the tool is not configured */
  look: ((signal: AbortSignal) => Promise<unknown>) | null
}

export interface StatusOptions {
  agent: string
  /** name of this process; the instance is this agent in it */
  owner: string
  bus: Pick<Bus, 'encode' | 'publish'>
  checks: readonly ToolCheck[]
  workflows?: readonly AgentWorkflow[]
  log: Logger
  /** ms between reports */
  everyMs?: number
}

/** published by the runtime for every agent that has tools */
export const reportedEvent = 'AgentStatus' as const
export const REPORT_MS = 30_000
/** ms a tool may take to answer a check */
const LOOK_MS = 8000
/** ms that a stopping process spends on its last report */
const LAST_MS = 2000
const LONGEST_ERROR = 500

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string
}

/** Reports at once, then regularly. A report that cannot be published is dropped: the next one is newer. */
export function reportStatus(options: StatusOptions): { stop(): Promise<void> } {
  const { agent, owner, bus, checks, workflows = [], log, everyMs = REPORT_MS } = options
  const instance = `${agent}/${owner}`
  const startedAt = Date.now()
  const answered = new Map<string, number>()
  let calls = new Map<string, { all: number; failed: number }>()
  let tools: AgentTool[] = []
  let sequence = 0

  const onPublished = (message: unknown): void => {
    const { event, value } = message as Outgoing
    if (event !== 'AgentUsage' || value.agent !== agent || value.kind !== 'tool') return
    const counted = calls.get(value.name) ?? { all: 0, failed: 0 }
    counted.all++
    if (value.outcome === 'failed') counted.failed++
    else answered.set(value.name, Date.now())
    calls.set(value.name, counted)
  }

  async function look(check: ToolCheck): Promise<AgentTool> {
    const { tool, endpoint } = check
    const about = { tool, endpoint, capabilities: [...check.capabilities], calls: 0, failed_calls: 0 }
    const seen = { checked_at: null, response_ms: null, error: null, answered_at: answered.get(tool) ?? null }
    if (check.look === null) return { ...about, ...seen, status: 'not_configured' }
    const began = performance.now()
    const failure = await check.look(AbortSignal.timeout(LOOK_MS)).then(
      () => null,
      (error: unknown) => error,
    )
    const checked = { checked_at: Date.now(), response_ms: Math.round(performance.now() - began) }
    if (failure !== null) return { ...about, ...seen, ...checked, status: 'failed', error: wordsFor(failure) }
    answered.set(tool, checked.checked_at)
    return { ...about, ...seen, ...checked, status: 'ok', answered_at: checked.checked_at }
  }

  async function report(state: 'running' | 'stopping'): Promise<void> {
    const since = calls
    calls = new Map()
    const record = await bus.encode(reportedEvent, {
      ...{ event_id: uuid(), session_id: null, sequence: sequence++, tenant: 'default', occurred_at: Date.now() },
      ...{ agent, instance, version, state, started_at: startedAt, interval_ms: everyMs },
      tools: tools.map((one) => {
        const { all = 0, failed = 0 } = since.get(one.tool) ?? {}
        return { ...one, answered_at: answered.get(one.tool) ?? null, calls: all, failed_calls: failed }
      }),
      workflows: [...workflows],
    })
    await bus.publish([record])
  }

  let busy: Promise<void> | null = null
  const turn = (): void => {
    busy ??= Promise.all(checks.map(look))
      .then((looked) => {
        tools = looked
        return report('running')
      })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'the status of this agent was not reported'))
      .finally(() => (busy = null))
  }
  publishedChannel.subscribe(onPublished)
  turn()
  const timer = setInterval(turn, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      publishedChannel.unsubscribe(onPublished)
      const last = (busy ?? Promise.resolve()).then(() => report('stopping')).catch(() => undefined)
      await Promise.race([last, new Promise((resolve) => setTimeout(resolve, LAST_MS).unref())])
    },
  }
}

const wordsFor = (error: unknown): string =>
  redactText(error instanceof Error ? error.message : String(error))
    .text.slice(0, LONGEST_ERROR)
    .toWellFormed()
