/** Reads the configuration from the environment, once at start; reports all errors in one message. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { contradictions } from './contradictions.ts'
import { type VariableName, variables } from './variables.ts'

export { type VariableName, variables }

type Variables = typeof variables
type Name = VariableName
type Possible = {
  [N in Name]: Variables[N] extends z.ZodDefault ? z.output<Variables[N]> : z.output<Variables[N]> | undefined
}
/** The configuration; optional variables that are not set are undefined. */
export type Config<Required extends Name = never> = Possible & { [N in Required]: z.output<Variables[N]> }

export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}

/** Whether the variable is set, directly or through `<NAME>_FILE`. */
export const isSet = (environment: Readonly<Record<string, string | undefined>>, name: Name): boolean =>
  [environment[name], `${name}_FILE` in variables ? undefined : environment[`${name}_FILE`]].some((text) => text !== undefined && text !== '') // prettier-ignore

/**
 * `<NAME>_FILE` may name a file with the value. Throws one `ConfigurationError` that lists all errors, including `refused`, those already
 * found by the caller.
 */
export function readConfig<Required extends Name = never>(
  environment: Readonly<Record<string, string | undefined>>,
  required: readonly Required[] = [],
  refused: readonly string[] = [],
): Config<Required> {
  const wrong: string[] = [...refused]
  const config: Partial<Record<Name, unknown>> = {}
  for (const [name, schema] of Object.entries(variables) as [Name, z.ZodType][]) {
    const given = valueOf(environment, name, wrong)
    if (given === undefined && (required as readonly string[]).includes(name) && !schema.safeParse(undefined).success) {
      wrong.push(`${name} is required: ${schema.description ?? ''}`)
      continue
    }
    if (given === undefined && !schema.safeParse(undefined).success) continue
    const parsed = schema.safeParse(given)
    if (parsed.success) config[name] = parsed.data
    else wrong.push(`${name}: ${parsed.error.issues.map((issue) => issue.message).join(', ')}`)
  }
  const names = Object.keys(variables) as Name[]
  wrong.push(
    ...contradictions(
      config,
      names.filter((name) => isSet(environment, name)),
    ),
  )
  if (wrong.length > 0)
    throw new ConfigurationError(`The configuration is invalid:\n${wrong.map((line) => `  - ${line}`).join('\n')}`)
  return config as Config<Required>
}

function valueOf(
  environment: Readonly<Record<string, string | undefined>>,
  name: Name,
  wrong: string[],
): string | undefined {
  const given = environment[name]
  if (given !== undefined && given !== '') return given
  const file = environment[`${name}_FILE`]
  if (file === undefined || `${name}_FILE` in variables) return undefined
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    wrong.push(`${name}_FILE: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
