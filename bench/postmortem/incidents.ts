/** Postmortems of the recorded incident and of one of the lab, from the request to the report, one after the other, on PostgreSQL alone. */
import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { recordedTraces } from '../../agents/tools/recording/traces.ts'
import type { ControlPlaneTool } from '../../agents/tools/tools.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { prepareAgents, startAgents } from '../../embedded/agents.ts'
import { startLocalPostgres } from '../../embedded/postgres.ts'
import { parseInstant } from '../../recording/instant.ts'
import { readIncident } from '../../recording/read.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { Events } from '../../schemas/events.generated.ts'
import { singleTenant } from '../../tenants/tenants.ts'

const SCENARIOS = join(import.meta.dirname, '../../test/scenarios')
const INCIDENTS = { 'the recorded incident': 'train-ticket-07', 'an incident of the lab': 'shop-01' }
const WARM_UP = 3
const ANSWER_MS = 120_000

/** ms, ascending: beyond the control-plane's answers, and of requests that are refused at once */
export interface Measured {
  reports: { name: string; ms: number[] }[]
  refused: number[]
}

export async function measureIncidents(reports: number): Promise<Measured> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-postmortem-'))
  const contract = loadContract()
  const postgres = await startLocalPostgres(dataDir)
  const databaseUrl = postgres.url
  await prepareAgents(databaseUrl)
  await preparePostgresBus(databaseUrl, contract)
  const bus = await createBus({ kind: 'postgres', databaseUrl, contract })
  const sources = new Map(Object.values(INCIDENTS).map((name) => [name, finishedRecording(join(SCENARIOS, name))]))
  const asked = timed(recordedControlPlane(sources.get('shop-01')!))
  const runtime = await startAgents({
    ...{ bus, contract, databaseUrl, tenants: singleTenant, log: pino({ level: 'error' }, pino.destination(2)) },
    assistant: {
      toolsFor: ({ context }) => {
        const source = sources.get(context['recording'] ?? '')!
        return { tools: { metrics: recordedMetrics(source), logs: recordedLogs(source), traces: recordedTraces(source), controlPlane: recordedControlPlane(source) } } // prettier-ignore
      },
      ...{ approverRoles: ['team_manager'], approvalTtlMs: 600_000, defaultLimitMs: 60_000 },
    },
    postmortem: { controlPlane: asked.tool },
  })
  const waiting = new Map<string, (at: Events['PostmortemCompleted'] | Events['DiagnosisCompleted']) => void>()
  const consumption = await bus.subscribe({
    ...{ group: `bench-${randomUUID()}`, consumer: 'gateway', from: 'latest' },
    topics: ['DiagnosisCompleted' as const, 'PostmortemCompleted' as const].map((one) => contract.topicOf(one).name),
    handle: async (records) => {
      for (const { event, value } of records)
        if (event === 'DiagnosisCompleted') waiting.get(value.session_id)?.(value)
        else if (event === 'PostmortemCompleted') waiting.get(value.postmortem_id)?.(value)
      return []
    },
  })
  const answerTo = async <E extends 'DiagnosisRequested' | 'PostmortemRequested'>(
    id: string,
    event: E,
    value: Events[E],
  ) => {
    // prettier-ignore
    const { promise, resolve, reject } = Promise.withResolvers<Events['PostmortemCompleted'] | Events['DiagnosisCompleted']>() // prettier-ignore
    const late = setTimeout(() => reject(new Error(`no answer to ${id}`)), ANSWER_MS)
    waiting.set(id, resolve)
    await bus.publish([await bus.encode(event, value)])
    const answer = await promise
    clearTimeout(late)
    return answer
  }
  /** ms from the request to the answer, without the tools */
  async function write(session_ids: string[]): Promise<number> {
    const postmortem_id = randomUUID()
    const [began, before] = [performance.now(), asked.ms()]
    const request = { ...stamped(), session_id: null, postmortem_id, incident_ids: [], session_ids, language: null, requested_by: 'bench|bench', context: {} } // prettier-ignore
    const { status, reason } = await answerTo(postmortem_id, 'PostmortemRequested', request)
    if ((status === 'failed') !== (session_ids.length === 0))
      throw new Error(`a postmortem ended as ${status}: ${reason}`)
    return performance.now() - began - (asked.ms() - before)
  }
  const times = async (session_ids: string[]) => {
    const all: number[] = []
    for (let place = 0; place < reports + WARM_UP; place += 1) all.push(await write(session_ids))
    return all.slice(WARM_UP).sort((one, other) => one - other)
  }
  const measured: Measured = { reports: [], refused: [] }
  for (const [name, recording] of Object.entries(INCIDENTS)) {
    const session_id = randomUUID()
    await answerTo(session_id, 'DiagnosisRequested', await requestFor(recording, session_id))
    measured.reports.push({ name, ms: await times([session_id]) })
  }
  measured.refused = await times([])
  await consumption.stop()
  await runtime.stop()
  await bus.close()
  await postgres.close()
  rmSync(dataDir, { recursive: true, force: true })
  return measured
}

const stamped = () => ({ event_id: randomUUID(), sequence: 0, tenant: 'default', occurred_at: Date.now() })

async function requestFor(recording: string, session_id: string): Promise<Events['DiagnosisRequested']> {
  const { window } = await readIncident(join(SCENARIOS, recording))
  return {
    ...stamped(),
    ...{
      session_id,
      kind: 'question',
      service: null,
      namespace: null,
      severity: null,
      incident_ids: [],
      alert_ids: [],
    },
    ...{ deployment_id: null, affected_services: [], question: null, max_execution_ms: null },
    ...{ window_start: Math.round(parseInstant(window.start)), window_end: Math.round(parseInstant(window.end)) },
    ...{ requested_by: 'bench|bench', context: { recording } },
  }
}

/** The same control-plane, and the ms that it was waited for. */
function timed(tool: ControlPlaneTool): { tool: ControlPlaneTool; ms(): number } {
  let ms = 0
  const auditLogs: ControlPlaneTool['auditLogs'] = async (...args) => {
    const began = performance.now()
    const answer = await tool.auditLogs(...args)
    ms += performance.now() - began
    return answer
  }
  return { tool: { ...tool, auditLogs }, ms: () => ms }
}
