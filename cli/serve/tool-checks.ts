/** Whether the agents' sources answer, with the agents' own access. */
import { controlPlaneCheck, httpCheck, notConfigured } from '../../agents/tools/checks.ts'
import { createHttp } from '../../agents/tools/http.ts'
import type { ControlPlaneTool } from '../../agents/tools/tools.ts'
import type { ToolCheck } from '../../agents/runtime/status.ts'
import type { Config } from '../config.ts'
import { access } from './sources.ts'

export type SourceName = 'PROMETHEUS' | 'LOKI' | 'TRACES'

/** ms; no retries: the check is repeated anyway */
export const LIMIT_MS = 8000

/** By kind: the cheapest request that needs the credentials. */
const TRACE_PATHS = { zipkin: 'api/v2/services', jaeger: 'api/services', tempo: 'api/search/tags' } as const

/** Resolves to whether the answer is one that such a source gives; throws the reason if there is none. */
export function sourceAsker(
  config: Config,
  source: SourceName,
  baseUrl: string,
): (signal: AbortSignal) => Promise<boolean> {
  const http = createHttp({ ...access(config, source), baseUrl, timeoutMs: LIMIT_MS, retries: 0 })
  const calls = {
    PROMETHEUS: { path: 'api/v1/query', query: { query: 'vector(1)' } },
    LOKI: { path: 'loki/api/v1/labels', query: {} },
    TRACES: { path: TRACE_PATHS[config.TRACES_KIND ?? 'zipkin'], query: {} },
  }
  return async (signal) => {
    const answer = await http.json(calls[source], { signal })
    return source === 'TRACES' || Object(answer).status === 'success'
  }
}

function sourceCheck(config: Config, source: SourceName, tool: string, capabilities: readonly string[]): ToolCheck {
  const endpoint = config[`${source}_URL`]
  if (endpoint === undefined) return notConfigured(tool, capabilities)
  const ask = sourceAsker(config, source, endpoint)
  return httpCheck({ tool, endpoint, capabilities }, async (signal) => {
    if (!(await ask(signal))) throw new Error(`the answer is not one of ${tool}`)
  })
}

const CONTROL_PLANE = 'control-plane'

/** The control-plane is asked with the access of the agent that is given its tool. */
export const controlPlaneChecks = (config: Config, tool: ControlPlaneTool | null): ToolCheck[] => [
  tool === null || config.CONTROL_PLANE_URL === undefined
    ? notConfigured(CONTROL_PLANE, [])
    : controlPlaneCheck(config.CONTROL_PLANE_URL, tool),
]

export const metricsChecks = (config: Config): ToolCheck[] => [
  sourceCheck(config, 'PROMETHEUS', 'prometheus', ['golden-signals']),
]

/** What the assistant reads besides the control-plane. */
export const sourceChecksOf = (config: Config): ToolCheck[] => [
  ...metricsChecks(config),
  sourceCheck(config, 'LOKI', 'loki', ['logs']),
  sourceCheck(config, 'TRACES', config.TRACES_KIND ?? 'traces', ['traces']),
]
