/** Agents as a process that a test may kill. They query a recording and act on a real control-plane. */
import { createLocalJWKSet, createRemoteJWKSet, type JSONWebKeySet } from 'jose'
import pino from 'pino'
import { DECIDERS } from '../../actions/catalogue.ts'
import { createHttp } from '../../agents/tools/http.ts'
import { controlPlaneActing, controlPlaneTool } from '../../agents/tools/live.ts'
import { lokiLogs } from '../../agents/tools/loki/loki.ts'
import { prometheusMetrics } from '../../agents/tools/prometheus/prometheus.ts'
import { recordedControlPlane } from '../../agents/tools/recording/control-plane.ts'
import { recordedLogs } from '../../agents/tools/recording/logs.ts'
import { recordedMetrics } from '../../agents/tools/recording/metrics.ts'
import { finishedRecording } from '../../agents/tools/recording/source.ts'
import { type BusOptions, createBus } from '../../bus/create.ts'
import { type AgentsOptions, startAgents } from '../../embedded/agents.ts'
import { audiences } from '../../embedded/issuer/access.ts'
import { loadContract } from '../../schemas/contract.ts'
import type { KeySet } from '../../schemas/decision.ts'
import { DISTINCT_ROLES } from '../events/requests.ts'
import type { WithoutContract } from '../runtime/counting.ts'
import { type Belongings, createTenants, singleTenant } from '../../tenants/tenants.ts'

export type AgentName = 'assistant' | 'executor' | 'postmortem'

export interface AgentsProcess {
  databaseUrl: string
  bus: WithoutContract<BusOptions>
  recording: string
  controlPlaneUrl: string
  issuer: string
  secrets: Record<string, string>
  /** keys of `sre-gateway` */
  jwks: JSONWebKeySet
  approvalTtlMs: number
  executionLimitMs: number
  /** queried for logs instead of the recording; it never answers within a test */
  lokiUrl: string | null
  /** queried for an action's effect, instead of the recording */
  prometheusUrl: string | null
  /** the assistant too asks this Prometheus, and the control-plane for what changed */
  live: boolean
  verifyAfterMs: number[]
  /** ms an analysis may take; null: as in production */
  analysisMs: number | null
  /** which of them this process runs */
  agents: readonly AgentName[]
  /** the assistant asks it once an action helped */
  asks: boolean
  /** services per tenant; null: `default` owns all */
  tenants: Record<string, Belongings> | null
}

const options = JSON.parse(process.env['AGENTS_PROCESS'] ?? '{}') as AgentsProcess
const contract = loadContract()
const source = finishedRecording(options.recording)
const metrics = recordedMetrics(source)
const logs =
  options.lokiUrl === null
    ? recordedLogs(source)
    : lokiLogs({ http: createHttp({ baseUrl: options.lokiUrl, timeoutMs: 300_000 }) })
const measured =
  options.prometheusUrl === null
    ? metrics
    : prometheusMetrics({ http: createHttp({ baseUrl: options.prometheusUrl, timeoutMs: 20_000 }), rateWindowS: 5 })
const clientOf = (clientId: string, scope: string) => ({
  url: options.controlPlaneUrl,
  client: {
    issuer: options.issuer,
    clientId,
    clientSecret: options.secrets[clientId] ?? '',
    scope,
    resource: audiences['control-plane'],
  },
})
const reading = controlPlaneTool(clientOf('sre-assistant', 'sre-platform:read'))
const acting = clientOf('sre-executor', 'sre-platform:read sre-platform:write')
const bus = await createBus({ ...options.bus, contract } as BusOptions)
const assistant: NonNullable<AgentsOptions['assistant']> = {
  // history comes from the recording, the current state from the control-plane
  toolsFor: () => ({
    tools: options.live
      ? { metrics: measured, logs, controlPlane: reading }
      : { metrics, logs, controlPlane: { ...recordedControlPlane(source), resources: reading.resources } },
  }),
  approverRoles: DECIDERS,
  approvalTtlMs: options.approvalTtlMs,
  defaultLimitMs: 60_000,
  postmortems: options.asks,
}
const executor: NonNullable<AgentsOptions['executor']> = {
  controlPlane: controlPlaneTool(acting),
  writer: controlPlaneActing(acting),
  metrics: measured,
  verifyAfterMs: options.verifyAfterMs,
  executionLimitMs: options.executionLimitMs,
  approvalTtlMs: options.approvalTtlMs,
  approverRoles: [...DECIDERS, ...DISTINCT_ROLES],
  trustedKeys: new Map<string, KeySet>([
    ['sre-gateway', createLocalJWKSet(options.jwks)],
    ['control-plane', createRemoteJWKSet(new URL('/.well-known/jwks.json', options.controlPlaneUrl))],
  ]),
}
const postmortem = { controlPlane: controlPlaneTool(clientOf('sre-postmortem', 'sre-platform:read')) }
const all = { assistant, executor, postmortem }
const runtime = await startAgents({
  bus,
  contract,
  databaseUrl: options.databaseUrl,
  log: pino({ level: 'error' }, pino.destination(2)),
  tenants: options.tenants === null ? singleTenant : createTenants(new Map(Object.entries(options.tenants))),
  takeover: { heartbeatMs: 300, goneMs: 1500 },
  ...(options.analysisMs === null ? {} : { analysis: { longestMs: options.analysisMs } }),
  ...Object.fromEntries(options.agents.map((name) => [name, all[name]])),
})
process.once('SIGTERM', () => {
  void runtime
    .stop()
    .then(() => bus.close())
    .then(() => process.exit(0))
})
process.stdout.write('ready\n')
