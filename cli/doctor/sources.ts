/** The systems that the agents query, with the agents' own access; and whether the clocks agree. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { createHttp } from '../../agents/tools/http.ts'
import { controlPlaneTool } from '../../agents/tools/live.ts'
import type { Config } from '../config.ts'
import { asking } from '../serve/asking.ts'
import { access } from '../serve/sources.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const LIMIT_MS = 8000
const MOST_SKEW_MS = 5000
const HOUR_MS = 3_600_000

type Source = 'PROMETHEUS' | 'LOKI' | 'TRACES'

/** By kind: the cheapest request that needs the credentials. */
const TRACE_PATHS = { zipkin: 'api/v2/services', jaeger: 'api/services', tempo: 'api/search/tags' } as const

export const sourceChecks = (config: Config): Check[] => [
  { id: 'control_plane', look: () => controlPlane(config) },
  { id: 'prometheus', look: () => asked(config, 'PROMETHEUS', 'api/v1/query', { query: 'vector(1)' }) },
  { id: 'loki', look: () => asked(config, 'LOKI', 'loki/api/v1/labels') },
  { id: 'traces', look: () => asked(config, 'TRACES', TRACE_PATHS[config.TRACES_KIND ?? 'zipkin']) },
  { id: 'clock', look: () => clock(config) },
]

async function asked(
  config: Config,
  source: Source,
  path: string,
  query: Readonly<Record<string, string>> = {},
): Promise<Finding> {
  const baseUrl = config[`${source}_URL`]
  if (baseUrl === undefined) return notConfigured(`${source}_URL`)
  const http = createHttp({ ...access(config, source), baseUrl, timeoutMs: LIMIT_MS, retries: 0 })
  const answer = await http.json({ path, query }, { signal: AbortSignal.timeout(LIMIT_MS) })
  const isKnown = source === 'TRACES' || Object(answer).status === 'success'
  return isKnown ? ok(texts.answers) : { state: 'failed', says: texts.foreign, todo: texts.checkUrl(`${source}_URL`) }
}

async function controlPlane(config: Config): Promise<Finding> {
  const { CONTROL_PLANE_URL, OIDC_ISSUER, ASSISTANT_CLIENT_SECRET } = config
  if (CONTROL_PLANE_URL === undefined) return notConfigured('CONTROL_PLANE_URL')
  if (OIDC_ISSUER === undefined) return notConfigured('OIDC_ISSUER')
  if (ASSISTANT_CLIENT_SECRET === undefined) return notConfigured('ASSISTANT_CLIENT_SECRET')
  const given = { ...config, CONTROL_PLANE_URL, OIDC_ISSUER, ASSISTANT_CLIENT_SECRET, EXECUTOR_CLIENT_SECRET: '' }
  const tool = controlPlaneTool(asking(given, 'ASSISTANT', 'sre-platform:read'))
  const end = Date.now()
  const context = { signal: AbortSignal.timeout(LIMIT_MS) }
  const { status, summary } = await tool.alerts({ range: { start: end - HOUR_MS, end } }, context)
  if (status !== 'failed') return ok(texts.answersAs(config.ASSISTANT_CLIENT_ID))
  return { state: 'failed', says: texts.failed(summary), todo: texts.checkUrl('CONTROL_PLANE_URL') }
}

/** Servers with a clock, and the CA to trust. */
const PLACES = [
  ['PROMETHEUS_URL', 'PROMETHEUS_CA_FILE'],
  ['LOKI_URL', 'LOKI_CA_FILE'],
  ['TRACES_URL', 'TRACES_CA_FILE'],
  ['SCHEMA_REGISTRY_URL', 'SCHEMA_REGISTRY_CA_FILE'],
  ['CONTROL_PLANE_URL', null],
  ['OIDC_ISSUER', null],
] as const

async function clock(config: Config): Promise<Finding> {
  const places = PLACES.filter(([name]) => config[name] !== undefined)
  if (places.length === 0) return { state: 'not_configured', says: texts.noClocks }
  const seen = await Promise.all(
    places.map(async ([name, file]) => {
      const caFile = file === null ? undefined : config[file]
      return { name, skewMs: await skewOf(config[name] ?? '', caFile).catch(() => null) }
    }),
  )
  const told = seen.flatMap(({ name, skewMs }) => (skewMs === null ? [] : [{ name, skewMs }]))
  if (told.length === 0) return { state: 'not_checked', says: texts.noDates }
  const off = told.filter(({ skewMs }) => Math.abs(skewMs) > MOST_SKEW_MS)
  if (off.length === 0) return ok(texts.clocksAgree(told.length))
  const about = off.map(({ name, skewMs }) => `${name} ${(skewMs / 1000).toFixed(0)} s`)
  return { state: 'warning', says: texts.clocksDiffer(about), todo: texts.syncClocks }
}

/** Null: the answer has no date. Sends no credentials: any answer has a date. */
async function skewOf(address: string, caFile: string | undefined): Promise<number | null> {
  const ca = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') }
  const url = new URL(address)
  url.username = ''
  url.password = ''
  const dispatcher = new Agent({ connect: { timeout: LIMIT_MS, ...ca } })
  const before = Date.now()
  const { headers, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(LIMIT_MS) })
  const after = Date.now()
  await body.dump()
  void dispatcher.close()
  const date = typeof headers['date'] === 'string' ? Date.parse(headers['date']) : Number.NaN
  // the server answered at some moment in between, and its date has no fraction of a second
  if (Number.isNaN(date)) return null
  if (date > after) return date - after
  return date + 1000 < before ? date + 1000 - before : 0
}
