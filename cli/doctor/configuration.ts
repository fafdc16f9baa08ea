/** Reads the configuration even if part of it is invalid, so that the rest can be checked. */
import { type Config, ConfigurationError, isSet, readConfig, type VariableName, variables } from '../config.ts'
import { type Part, PARTS, REQUIRED, REQUIRED_TO_ASK, requiredToWatch } from '../serve/part.ts'
import { type Check, type Finding, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Variables that show that a component is meant to run with this configuration. */
const SIGNS: Readonly<Record<Part, readonly VariableName[]>> = {
  gateway: ['OIDC_ISSUER'],
  assistant: ['DATABASE_URL', 'PROMETHEUS_URL', 'LOKI_URL', 'ASSISTANT_CLIENT_SECRET'],
  executor: ['EXECUTOR_CLIENT_SECRET', 'DECISION_KEYS'],
  postmortem: ['POSTMORTEM_CLIENT_SECRET'],
  anomaly: ['POLICY_FILE', 'ANOMALY_STEP_S', 'ANOMALY_SOURCE', 'ANOMALY_QUERIES_FILE', 'ANOMALY_BANDS'],
  'control-plane': ['CONTROL_PLANE_PORT', 'LAB_URL'],
  lab: ['LAB_PORT'],
}

export const configuredParts = (environment: Environment): Part[] =>
  PARTS.filter((part) => SIGNS[part].some((name) => isSet(environment, name)))

/** `isLocal`: a platform was started in DATA_DIR, which configures itself. */
export const configurationCheck = (environment: Environment, parts: readonly Part[], isLocal: boolean): Check => ({
  id: 'configuration',
  async look(): Promise<Finding> {
    if (parts.length === 0 && isLocal) return ok(texts.local)
    if (parts.length === 0) return { state: 'failed', says: texts.noParts, todo: texts.configure }
    const asks = parts.includes('assistant') && isSet(environment, 'CONTROL_PLANE_URL') ? REQUIRED_TO_ASK : []
    const watches = parts.includes('anomaly') ? requiredToWatch(environment) : []
    const wrong = errorsOf(environment, [...parts.flatMap((part) => [...REQUIRED[part]]), ...asks, ...watches])
    if (wrong.length === 0) return { state: 'ok', says: texts.configured(parts) }
    return { state: 'failed', says: texts.misconfigured(parts, wrong.length), todo: texts.configure, details: wrong }
  },
})

function errorsOf(environment: Environment, required: readonly VariableName[] = []): string[] {
  try {
    readConfig(environment, required)
    return []
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    return error.message.split('\n').slice(1).map((line) => line.replace(/^ *- /, '')) // prettier-ignore
  }
}

export interface Usable {
  config: Config
  /** variables left out because they are invalid */
  dropped: ReadonlySet<string>
}

/** The configuration without the variables that an error names. */
export function usable(environment: Environment): Usable {
  const left = { ...environment }
  const dropped = new Set<string>()
  for (let wrong = errorsOf(left); wrong.length > 0; wrong = errorsOf(left)) {
    const named = Object.keys(variables).filter((name) =>
      wrong.some((line) => line.split(/[^A-Z0-9_]+/).some((word) => word === name || word === `${name}_FILE`)),
    )
    const given = named.filter((name) => left[name] !== undefined || left[`${name}_FILE`] !== undefined)
    if (given.length === 0) throw new ConfigurationError(wrong.join('\n'))
    for (const name of given) {
      dropped.add(name)
      delete left[name]
      delete left[`${name}_FILE`]
    }
  }
  return { config: readConfig(left), dropped }
}
