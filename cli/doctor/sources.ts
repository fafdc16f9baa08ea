/** The systems that the agents query, with the agents' own access; and whether the clocks agree. */
import { readFileSync } from 'node:fs'
import { Agent, request } from 'undici'
import { controlPlaneTool } from '../../agents/tools/live.ts'
import type { Config } from '../config.ts'
import { asking } from '../serve/asking.ts'
import { LIMIT_MS, sourceAsker, type SourceName } from '../serve/tool-checks.ts'
import { type Check, type Finding, notConfigured, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const MOST_SKEW_MS = 5000
const HOUR_MS = 3_600_000

export const sourceChecks = (config: Config): Check[] => [
  { id: 'control_plane', look: () => controlPlane(config) },
  { id: 'prometheus', look: () => asked(config, 'PROMETHEUS') },
  { id: 'loki', look: () => asked(config, 'LOKI') },
  { id: 'traces', look: () => asked(config, 'TRACES') },
  { id: 'chroma', look: () => chroma(config) },
  { id: 'clock', look: () => clock(config) },
]

async function asked(config: Config, source: SourceName): Promise<Finding> {
  const baseUrl = config[`${source}_URL`]
  if (baseUrl === undefined) return notConfigured(`${source}_URL`)
  // the limit of the call, which is shorter, says what happened
  const isKnown = await sourceAsker(config, source, baseUrl)(AbortSignal.timeout(2 * LIMIT_MS))
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

async function chroma({ CHROMA_URL: url }: Config): Promise<Finding> {
  if (url === undefined) return notConfigured('CHROMA_URL')
  const { statusCode, body } = await request(new URL('/api/v2/heartbeat', url), {
    signal: AbortSignal.timeout(LIMIT_MS),
  })
  const said = await body.text()
  const isKnown = statusCode === 200 && said.includes('nanosecond heartbeat')
  return isKnown ? ok(texts.answers) : { state: 'failed', says: texts.foreign, todo: texts.todoOf('chroma') }
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
