/** Sends a control-plane the agents' read requests, and compares each answer with docs/reference/control-plane.yaml. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'
import { parse } from 'yaml'
import { HttpError } from '../../agents/tools/http-error.ts'
import type { Http } from '../../agents/tools/http.ts'
import { type Finding, type Found, ok } from './check.ts'
import { doctor as texts } from './texts.ts'

const LIMIT_MS = 10_000
const DAY_MS = 86_400_000
/** Mismatches reported per answer: one mistake often repeats in every item. */
const TOLD = 5
/** An id that nothing has. */
const NOBODY = '00000000-0000-7000-8000-000000000000'

/** `optional`: 404 means that this control-plane does not have it. */
interface Operation {
  path: string
  query?: Record<string, string>
  schema: string
  optional?: boolean
}

export async function conformance(http: Http, now = Date.now()): Promise<Found[]> {
  const range = { start_time: new Date(now - DAY_MS).toISOString(), end_time: new Date(now).toISOString() }
  const page = { page: '1', page_size: '100' }
  const ask = asking(http)
  const resources = await ask({ path: 'resources', query: page, schema: 'Resources' })
  const service = String(Object(itemsOf(resources.body)[0]).service_name ?? 'none')
  const incidents = await ask({
    ...{ path: 'incidents', query: { status: 'resolved', ...range, ...page }, schema: 'Incidents', optional: true },
  })
  const incident = encodeURIComponent(String(Object(itemsOf(incidents.body)[0]).id ?? NOBODY))
  const others = await Promise.all([
    ask({ path: 'audit-logs', query: { service_name: service, ...range, ...page }, schema: 'AuditLogs' }),
    ask({ path: 'alerts', query: { ...range, ...page }, schema: 'Alerts' }),
    ask({ path: `incidents/${incident}`, schema: 'Incident', optional: true }),
    ask({ path: `deployments/${NOBODY}`, schema: 'Deployment', optional: true }),
    ask({ path: `automation/executions/${NOBODY}`, schema: 'Execution', optional: true }),
  ])
  return [resources, incidents, ...others].map(({ found }) => found)
}

function asking(http: Http) {
  const document: object = parse(readFileSync(join(import.meta.dirname, '../../docs/reference/control-plane.yaml'), 'utf8')) // prettier-ignore
  const ajv = new Ajv2020({ strict: false, allErrors: true, verbose: true })
  // as lenient as the agents
  ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)))
  ajv.addSchema(document, 'control-plane.yaml')
  return async ({
    path,
    query = {},
    schema,
    optional = false,
  }: Operation): Promise<{ found: Found; body: unknown }> => {
    const id = `GET /api/v1/${path.replace(/\/[^/]+$/, '/{id}')}${query['status'] === undefined ? '' : `?status=${query['status']}`}`
    try {
      const body = await http.json({ path: `api/v1/${path}`, query }, { signal: AbortSignal.timeout(LIMIT_MS) })
      const validate = ajv.compile({ $ref: `control-plane.yaml#/components/schemas/${schema}` })
      return { found: { id, ...(validate(body) ? good(body) : wrong(validate.errors ?? [])) }, body }
    } catch (error) {
      if (optional && error instanceof HttpError && error.status === 404)
        return { found: { id, state: 'warning', says: texts.notThere }, body: null }
      const why = error instanceof Error ? error.message : String(error)
      return { found: { id, state: 'failed', says: texts.failed(why), todo: texts.asDocumented }, body: null }
    }
  }
}

const itemsOf = (body: unknown): unknown[] => {
  const items: unknown = Array.isArray(body) ? body : Object(body).items
  return Array.isArray(items) ? items : []
}

/** An empty list says nothing about the fields of its items. */
const good = (body: unknown): Finding => {
  const isList = Array.isArray(body) || Array.isArray(Object(body).items)
  if (!isList) return ok(texts.conforms)
  const count = itemsOf(body).length
  return count === 0 ? { state: 'warning', says: texts.nothingToCheck } : ok(texts.conformsAll(count))
}

function wrong(errors: readonly ErrorObject[]): Finding {
  const told = errors
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ instancePath, message, data, keyword }) => {
      const place = instancePath.slice(1).replaceAll('/', '.') || '(the answer)'
      return `${place}: ${message}${keyword === 'required' ? '' : `, not ${JSON.stringify(data)?.slice(0, 60)}`}`
    })
  const details = [...new Set(told)].slice(0, TOLD)
  return { state: 'failed', says: texts.unlike(told.length), todo: texts.asDocumented, details }
}
