/** Tools for the user's own systems, without the demo components. */
import { answer } from '../../agents/tools/answer.ts'
import { summaries } from '../../agents/tools/notes.ts'
import { controlPlaneTool } from '../../agents/tools/live.ts'
import type { ControlPlaneTool, LogsTool, Tools } from '../../agents/tools/tools.ts'
import { type Config, isSet, readConfig } from '../config.ts'
import { asking } from './asking.ts'
import { REQUIRED_TO_ASK } from './part.ts'
import { logsFrom, metricsFrom, servicesFrom, tracesFrom } from './sources.ts'

/** Without a control-plane. */
export function toolsFrom(config: Config): Tools {
  const traces = tracesFrom(config)
  return {
    metrics: metricsFrom(config),
    logs: config.LOKI_URL === undefined ? noLogs : logsFrom(config),
    ...(traces === null ? {} : { traces }),
    controlPlane: servicesFrom(config),
  }
}

/** With metrics only, missing logs are reported once, and not as a failed source. */
const noLogs: LogsTool = {
  logs: ({ range }) =>
    answer<never>({ tool: 'loki', operation: 'logs', query: '(not asked)', range }, () =>
      Promise.resolve({ data: null, summary: summaries.noLogSource() }),
    ),
}

/** The configured control-plane, with the assistant's access. Throws `ConfigurationError`. */
export function controlPlaneFrom(environment: Readonly<Record<string, string | undefined>>): ControlPlaneTool | null {
  if (!isSet(environment, 'CONTROL_PLANE_URL')) return null
  const config = readConfig(environment, REQUIRED_TO_ASK)
  return controlPlaneTool(asking(config, 'ASSISTANT', 'sre-platform:read'))
}
