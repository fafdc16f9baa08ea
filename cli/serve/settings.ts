/** Turns configuration into the settings of each component, whether it runs alone or in one process with the others. */
import type { Catalogue } from '../../actions/catalogue.ts'
import { readCatalogue } from '../../actions/read.ts'
import { SHIPPED } from '../../actions/shipped.ts'
import type { AssistantOptions } from '../../agents/assistant/assistant.ts'
import type { Limits } from '../../gateway/gateway.ts'
import { singleTenant, type Tenants } from '../../tenants/tenants.ts'
import type { Config } from '../config.ts'

export const assistantFrom = (config: Config) =>
  ({
    approverRoles: config.APPROVER_ROLES,
    approvalTtlMs: config.APPROVAL_TTL_S * 1000,
    defaultLimitMs: config.DIAGNOSIS_LIMIT_S * 1000,
    executor: config.EXECUTOR_CLIENT_ID,
    objectives: config.OBJECTIVES_FILE ?? [],
    postmortems: config.POSTMORTEM_AFTER_ACTION === 'helped',
    limits: {
      concurrency: config.DIAGNOSES_AT_ONCE,
      tenantConcurrency: config.DIAGNOSES_AT_ONCE_PER_TENANT ?? config.DIAGNOSES_AT_ONCE,
      tenantPerMinute: config.DIAGNOSES_PER_MINUTE_PER_TENANT ?? null,
      queued: config.DIAGNOSES_WAITING,
    },
  }) satisfies Partial<AssistantOptions>

export const catalogueFrom = (config: Config): Catalogue => config.ACTIONS_FILE ?? readCatalogue(SHIPPED)

export const tenantsFrom = (config: Config): Tenants => config.SRE_TENANTS_FILE ?? singleTenant

/** `requested_by` of the diagnoses that the anomaly agent asks for. */
const ANOMALY_AGENT = 'sre-platform|anomaly'

export const anomalyFrom = (config: Config) => ({
  policyFile: config.POLICY_FILE ?? null,
  requestedBy: ANOMALY_AGENT,
  stepMs: config.ANOMALY_STEP_S * 1000,
})

/** null: the control-plane requests no postmortems */
export const postmortemsFrom = ({ POSTMORTEM_SEVERITY: least }: Config) => (least === 'off' ? null : least)

export const limitsFrom = (config: Config): Limits => ({
  read: config.GATEWAY_READS_PER_MINUTE,
  write: config.GATEWAY_WRITES_PER_MINUTE,
  diagnose: config.GATEWAY_DIAGNOSES_PER_MINUTE,
  batch: config.GATEWAY_BATCHES_PER_MINUTE,
  bodyBytes: config.GATEWAY_BODY_BYTES,
  streams: config.GATEWAY_STREAMS,
  streamsPerTenant: config.GATEWAY_STREAMS_PER_TENANT,
  streamsPerCaller: config.GATEWAY_STREAMS_PER_CALLER,
})

/** ms to wait before each measurement of an action's effect, counted from the previous one */
export const verifyAfterMs = ({ VERIFY_AFTER_S: moments }: Config): number[] =>
  moments.map((moment, index) => (moment - (moments[index - 1] ?? 0)) * 1000)

/** TLS of the gateway; nothing: plain HTTP */
export function tlsFrom(config: Config) {
  const { GATEWAY_CERT_FILE: certFile, GATEWAY_KEY_FILE: keyFile, GATEWAY_REDIRECT_PORT: redirectPort } = config
  if (certFile === undefined || keyFile === undefined) return {}
  return { tls: { certFile, keyFile }, ...(redirectPort === undefined ? {} : { redirectPort }) }
}
