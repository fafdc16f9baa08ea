/** The platform that `sre start` runs in the data folder: its components and its sources. */
import { runningPlatform } from '../../embedded/data-dir-lock.ts'
import { isSet, type VariableName, variables } from '../config.ts'
import type { ClientContext } from '../login/context.ts'
import { type NotedSources, notedSources, namesSource } from '../start/noted-sources.ts'
import { takenByStart } from '../start/own-systems.ts'
import { type Check, type Finding, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

type Environment = ClientContext['environment']
type Running = NonNullable<ReturnType<typeof runningPlatform>>

export interface Embedded {
  running: Running
  /** with the variables of its sources, unless the environment names others */
  environment: Environment
  /** null: an older version stored none */
  noted: NotedSources | null
}

/** Null: none runs, or the environment describes a platform of separate components. */
export function embeddedBeside(environment: Environment, dataDir: string): Embedded | null {
  const set = (Object.keys(variables) as VariableName[]).filter((name) => isSet(environment, name))
  const running = set.every((name) => takenByStart(name) || name === 'SRE_GATEWAY_URL')
    ? runningPlatform(dataDir)
    : null
  if (running === null) return null
  const noted = notedSources(dataDir)
  if (namesSource(environment)) return { running, environment, noted: null }
  return { running, environment: { ...noted?.variables, ...environment }, noted }
}

export const platformChecks = ({ running }: Embedded, dataDir: string): Check[] => [
  {
    id: 'configuration',
    look: async () => ok(texts.platform(dataDir, running.pid, new Date(running.since).toISOString().replace(/\.\d+Z$/, 'Z'))), // prettier-ignore
  },
  { id: 'gateway', look: () => gateway(running.url) },
]

async function gateway(url: string | null): Promise<Finding> {
  if (url === null) return { state: 'warning', says: texts.starting }
  const answer = await fetch(`${url}/api/v1/readyz`, { signal: AbortSignal.timeout(LIMIT_MS) })
  if (answer.ok) return ok(texts.ready(url))
  const said = (await answer.text()).slice(0, LONGEST)
  return { state: 'failed', says: texts.notReady(url, answer.status, said), todo: texts.todoOf('gateway') }
}

const LIMIT_MS = 8000
const LONGEST = 300

/** Replaces the checks of sources that the platform does not use, or whose secrets only it has. */
export function sourcesOf({ environment, noted }: Embedded, checks: readonly Check[]): Check[] {
  if (noted !== null && Object.keys(noted.variables).length + noted.secrets.length === 0)
    return [{ id: 'shop', look: async () => ok(texts.ownShop) }]
  return checks.flatMap((check) => {
    if (check.id === 'control_plane') return []
    const prefix = `${check.id.toUpperCase()}_`
    const lacking = (noted?.secrets ?? []).filter((name) => name.startsWith(prefix) && !environment[name])
    if (lacking.length === 0) return [check]
    return [{ id: check.id, look: async (): Promise<Finding> => ({ state: 'not_checked', says: texts.secretNeeded(lacking) }) }] // prettier-ignore
  })
}
