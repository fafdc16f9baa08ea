/** The control-plane over HTTP: a reader for the assistant and a separate writer for the executor. */
import { z } from 'zod'
import { answer, type Asked, type Found, parsed } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import { bounded } from '../question.ts'
import type { CallContext, ControlPlaneTool, ControlPlaneWriter, Execution } from '../tools.ts'
import { listAll } from './pages.ts'
import { parseAlert, parseAuditLog, parsedEach, parseDeployment, parseIncident, parseResource } from './parse.ts'
import { summaries } from '../notes.ts'

const TOOL = 'control-plane'

const live = <T>(asked: Asked, context: CallContext, work: (context: CallContext) => Promise<Found<T>>) =>
  answer(asked, () => bounded(context, work))

export const liveControlPlane = (http: Http): ControlPlaneTool => ({
  auditLogs: ({ services, range }, context) => {
    const query = { start_time: new Date(range.start).toISOString(), end_time: new Date(range.end).toISOString() }
    const asked = `GET /api/v1/audit-logs service_name=${services.join('|')} ${new URLSearchParams(query).toString()}`
    return live({ tool: TOOL, operation: 'audit-logs', query: asked, range }, context, async (context) => {
      const lists = await Promise.all(
        services.map((service) => listAll(http, 'api/v1/audit-logs', { ...query, service_name: service }, context)),
      )
      const given = lists.flatMap(({ items }) => items)
      const { items: data, warnings, incomplete } = parsedEach(given, parseAuditLog)
      const said = [...lists.flatMap((list) => list.warnings), ...warnings]
      return { data, summary: summaries.changes(data.length), warnings: said, incomplete }
    })
  },

  incident: (id, context) =>
    one(http, 'incident', `api/v1/incidents/${encodeURIComponent(id)}`, context, parseIncident),

  resolvedIncidents: ({ range }, context) => {
    const query = { status: 'resolved', start_time: new Date(range.start).toISOString(), end_time: new Date(range.end).toISOString() } // prettier-ignore
    const asked = `GET /api/v1/incidents ${new URLSearchParams(query).toString()}`
    return live({ tool: TOOL, operation: 'incidents', query: asked, range }, context, async (context) => {
      try {
        const given = await listAll(http, 'api/v1/incidents', query, context)
        const { items: data, warnings, incomplete } = parsedEach(given.items, parseIncident)
        return { data, summary: summaries.incidents(data.length), warnings: [...given.warnings, ...warnings], incomplete } // prettier-ignore
      } catch (error) {
        // some control-planes have no list of incidents
        if (error instanceof HttpError && isRefusal(error.status)) return { data: null, summary: error.message }
        throw error
      }
    })
  },

  alerts: ({ range }, context) => {
    const query = { start_time: new Date(range.start).toISOString(), end_time: new Date(range.end).toISOString() }
    return live(
      { tool: TOOL, operation: 'alerts', query: `GET /api/v1/alerts ${new URLSearchParams(query).toString()}`, range },
      context,
      async (context) => {
        const given = await listAll(http, 'api/v1/alerts', query, context)
        const { items: data, warnings, incomplete } = parsedEach(given.items, parseAlert)
        return { data, summary: summaries.alerts(data.length), warnings: [...given.warnings, ...warnings], incomplete }
      },
    )
  },

  deployment: (id, context) =>
    one(http, 'deployment', `api/v1/deployments/${encodeURIComponent(id)}`, context, parseDeployment),

  resources: ({ service }, context) => {
    const query = service === null ? {} : { service_name: service }
    return live(
      {
        tool: TOOL,
        operation: 'resources',
        query: `GET /api/v1/resources ${new URLSearchParams(query).toString()}`,
        range: null,
      },
      context,
      async (context) => {
        const given = await listAll(http, 'api/v1/resources', query, context)
        const { items: found, warnings, incomplete } = parsedEach(given.items, parseResource)
        const said = [...given.warnings, ...warnings]
        return { data: found.length === 0 ? null : found, summary: summaries.services(found.length), warnings: said, incomplete } // prettier-ignore
      },
    )
  },
})

export const controlPlaneWriter = (http: Http): ControlPlaneWriter => ({
  execute: (request, context) =>
    answer(
      {
        tool: TOOL,
        operation: request.dryRun ? 'dry-run' : 'execute',
        query: `POST /api/v1/automation/execute ${request.scriptId}`,
        range: null,
      },
      async () => {
        const call = {
          path: 'api/v1/automation/execute',
          json: {
            script_id: request.scriptId,
            parameters: request.parameters,
            target_resources: request.targets,
            dry_run: request.dryRun,
          },
          headers: { 'idempotency-key': request.idempotencyKey },
        }
        try {
          const body = z.record(z.string(), z.unknown()).parse(await http.json(call, context))
          // a response without a status only says that the request was accepted
          return executionOf({ status: 'pending', ...body })
        } catch (error) {
          if (error instanceof HttpError && isRefusal(error.status)) return { data: null, summary: error.message }
          throw error
        }
      },
    ),

  execution: (id, context) =>
    answer(
      { tool: TOOL, operation: 'execution', query: `GET /api/v1/automation/executions/${id}`, range: null },
      async () =>
        executionOf(await http.json({ path: `api/v1/automation/executions/${encodeURIComponent(id)}` }, context), id),
    ),
})

/** The control-plane refused the request. A timeout, a rate limit or a conflict with a running request of the same key does not count. */
const isRefusal = (status: number): boolean => status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status)

const execution = z.looseObject({
  execution_id: z.string().optional(),
  status: z.string().optional(),
  output: z.unknown().optional(),
})

/** `known`: the requested id, which the response may leave out. */
function executionOf(body: unknown, known?: string): { data: Execution; summary: string } {
  const { execution_id = known, status, output } = parsed(execution, 'the execution', body)
  if (execution_id === undefined) throw new Error('the execution has no execution_id')
  if (status === undefined) throw new Error(`the execution ${execution_id} has no status`)
  const text =
    output === undefined || output === null ? null : typeof output === 'string' ? output : JSON.stringify(output)
  return { data: { execution_id, status, output: text }, summary: `execution ${execution_id}: ${status}` }
}

/** A 404 is an answer: no data. */
const one = <T>(http: Http, operation: string, path: string, context: CallContext, parse: (value: unknown) => T) =>
  answer({ tool: TOOL, operation, query: `GET /${path}`, range: null }, async () => {
    try {
      return { data: parse(await http.json({ path }, context)), summary: path.split('/').slice(-2).join(' ') }
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return { data: null, summary: error.message }
      throw error
    }
  })
