/** The sources of the platform running in a data folder, stored without credentials, so that commands in other terminals know them. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { openDataDir } from '../../embedded/data-dir.ts'
import { isSet, type VariableName, variables } from '../config.ts'

type Environment = Readonly<Record<string, string | undefined>>

const SOURCES = ['PROMETHEUS_URL', 'LOKI_URL', 'TRACES_URL'] as const
const OF_SOURCES = /^(PROMETHEUS|LOKI|TRACES|GRAFANA|METRICS_MAPPING)_/
const SECRET = /_(TOKEN|USERNAME|PASSWORD)$/

/** `variables`: as they were set; `secrets`: the names of those that are not stored. */
const noted = z.object({ variables: z.record(z.string(), z.string()), secrets: z.array(z.string()) })
export type NotedSources = z.infer<typeof noted>

const fileOf = (dataDir: string): string => join(dataDir, 'sources.json')

export const namesSource = (environment: Environment): boolean => SOURCES.some((name) => isSet(environment, name))

/** Call at every start: a platform with its own shop stores an empty list. */
export function noteSources(dataDir: string, environment: Environment): void {
  openDataDir(dataDir)
  writeFileSync(fileOf(dataDir), `${JSON.stringify(sourcesIn(environment), null, 2)}\n`, { mode: 0o600 })
}

function sourcesIn(environment: Environment): NotedSources {
  const kept: Record<string, string> = {}
  const secrets: string[] = []
  const names = (Object.keys(variables) as VariableName[]).filter((name) => OF_SOURCES.test(name))
  for (const name of names.filter((one) => isSet(environment, one))) {
    const [given, file] = [environment[name], environment[`${name}_FILE`]]
    if (SECRET.test(name)) secrets.push(name)
    else if (given === undefined || given === '') kept[`${name}_FILE`] = resolve(file ?? '')
    else if (name.endsWith('_FILE')) kept[name] = resolve(given)
    else if (hasPassword(given)) secrets.push(name)
    else kept[name] = given
  }
  return { variables: kept, secrets }
}

const hasPassword = (text: string): boolean =>
  URL.canParse(text) && new URL(text).username + new URL(text).password !== ''

/** Null: no platform was started in this folder, or by an older version. */
export function notedSources(dataDir: string): NotedSources | null {
  const file = fileOf(dataDir)
  if (!existsSync(file)) return null
  return noted.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? null
}
