/** The control-plane over HTTP: reading for the assistant, and separately writing for the executor. */
import { z } from 'zod'
import { answer } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import type { AuditLogItem, CallContext, ControlPlaneTool, ControlPlaneWriter, Execution } from '../tools.ts'
import { parseAlert, parseAuditLog, parseDeployment, parseIncident, parseResource } from './parse.ts'

const TOOL = 'control-plane'
const PAGE_SIZE = 100
/** A list longer than this is cut, and says so. */
const MAX_PAGES = 20

export const liveControlPlane = (http: Http): ControlPlaneTool => ({
  auditLogs: ({ services, range }, context) => {
    const query = { start_time: new Date(range.start).toISOString(), end_time: new Date(range.end).toISOString() }
    const asked = `GET /api/v1/audit-logs service_name=${services.join('|')} ${new URLSearchParams(query).toString()}`
    return answer({ tool: TOOL, operation: 'audit-logs', query: asked, range }, async () => {
      const lists = await Promise.all(
        services.map((service) => list(http, 'api/v1/audit-logs', { ...query, service_name: service }, context)),
      )
      const found: AuditLogItem[] = lists.flatMap(({ items }) => items).map(parseAuditLog)
      return { data: found, summary: `${found.length} changes`, warnings: lists.flatMap(({ warnings }) => warnings) }
    })
  },

  incident: (id, context) =>
    one(http, 'incident', `api/v1/incidents/${encodeURIComponent(id)}`, context, parseIncident),

  alerts: ({ range }, context) => {
    const query = { start_time: new Date(range.start).toISOString(), end_time: new Date(range.end).toISOString() }
    return answer(
      { tool: TOOL, operation: 'alerts', query: `GET /api/v1/alerts ${new URLSearchParams(query).toString()}`, range },
      async () => {
        const { items, warnings } = await list(http, 'api/v1/alerts', query, context)
        return { data: items.map(parseAlert), summary: `${items.length} alerts`, warnings }
      },
    )
  },

  deployment: (id, context) =>
    one(http, 'deployment', `api/v1/deployments/${encodeURIComponent(id)}`, context, parseDeployment),

  resources: ({ service }, context) => {
    const query = service === null ? {} : { service_name: service }
    return answer(
      {
        tool: TOOL,
        operation: 'resources',
        query: `GET /api/v1/resources ${new URLSearchParams(query).toString()}`,
        range: null,
      },
      async () => {
        const { items, warnings } = await list(http, 'api/v1/resources', query, context)
        const found = items.map(parseResource)
        return { data: found.length === 0 ? null : found, summary: `${found.length} services`, warnings }
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
        const body = await http.json(
          {
            path: 'api/v1/automation/execute',
            json: {
              script_id: request.scriptId,
              parameters: request.parameters,
              target_resources: request.targets,
              dry_run: request.dryRun,
            },
            headers: { 'idempotency-key': request.idempotencyKey },
          },
          context,
        )
        return executionOf(body)
      },
    ),

  execution: (id, context) =>
    answer(
      { tool: TOOL, operation: 'execution', query: `GET /api/v1/automation/executions/${id}`, range: null },
      async () =>
        executionOf(await http.json({ path: `api/v1/automation/executions/${encodeURIComponent(id)}` }, context)),
    ),
})

const execution = z.looseObject({
  execution_id: z.string(),
  status: z.string().default('pending'),
  output: z.string().nullish(),
})

function executionOf(body: unknown): { data: Execution; summary: string } {
  const { execution_id, status, output } = execution.parse(body)
  return { data: { execution_id, status, output: output ?? null }, summary: `execution ${execution_id}: ${status}` }
}

/** 404 is an answer: there is none. */
const one = <T>(http: Http, operation: string, path: string, context: CallContext, parse: (value: unknown) => T) =>
  answer({ tool: TOOL, operation, query: `GET /${path}`, range: null }, async () => {
    try {
      return { data: parse(await http.json({ path }, context)), summary: path.split('/').slice(-2).join(' ') }
    } catch (error) {
      if (error instanceof HttpError && error.status === 404) return { data: null, summary: error.message }
      throw error
    }
  })

const page = z.union([
  z.array(z.unknown()).transform((items) => ({ items, total: items.length })),
  z
    .looseObject({
      items: z.array(z.unknown()),
      pagination: z.looseObject({ total: z.number().optional() }).optional(),
    })
    .transform(({ items, pagination }) => ({ items, total: pagination?.total ?? null })),
])

/** Every page of `{items, pagination}`, or the bare array an older control-plane answers with. */
async function list(
  http: Http,
  path: string,
  query: Record<string, string>,
  context: CallContext,
): Promise<{ items: unknown[]; warnings: string[] }> {
  const items: unknown[] = []
  for (let number = 1; number <= MAX_PAGES; number++) {
    const answered = page.parse(
      await http.json({ path, query: { ...query, page: number, page_size: PAGE_SIZE } }, context),
    )
    items.push(...answered.items)
    const all = answered.total === null ? answered.items.length < PAGE_SIZE : items.length >= answered.total
    if (all || answered.items.length === 0) return { items, warnings: [] }
  }
  return { items, warnings: [`only the first ${items.length} were read`] }
}
