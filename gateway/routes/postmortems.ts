import type { FastifyReply } from 'fastify'
import Negotiator from 'negotiator'
import { v7 as uuid } from 'uuid'
import { readReport } from '../../postmortem/read-report.ts'
import type { Report } from '../../postmortem/report.ts'
import { HTML_POLICY, renderHtml } from '../../postmortem/render/html.ts'
import { renderMarkdown } from '../../postmortem/render/markdown.ts'
import type { Events } from '../../schemas/events.generated.ts'
import type { Postmortem, PostmortemRequest } from '../api.generated.ts'
import { shortened } from '../details.ts'
import { ApiError, conflict, type Detail, notFound } from '../errors.ts'
import type { Asked, Gateway, Handler } from '../gateway.ts'
import { publishOnce } from '../idempotency/keys.ts'
import { peopleIn, presentPostmortem, presentPostmortemSummary } from '../present/postmortem.ts'
import { postmortems as texts, refusals } from '../present/texts.ts'
import { publish, stamp } from '../publish.ts'
import type { Asking } from './diagnose.ts'
import {
  findPostmortem,
  listPostmortems as findPostmortems,
  type PostmortemRow,
  unknownIn,
} from '../views/postmortems.ts'
import { pagination } from '../views/sessions.ts'

type Requested = Events['PostmortemRequested']

/** Maximum number of incidents and sessions of one report, counted together, as in `agents/postmortem`. */
const MOST_IDS = 100

export const requestPostmortem =
  (gateway: Gateway): Handler<'requestPostmortem'> =>
  async ({ body, headers, request, language, ...asked }, caller) => {
    const requested = await askForPostmortem(gateway, {
      ...asked,
      caller,
      wanted: body,
      context: {},
      keyed: { key: headers['idempotency-key'], request: { path: request.routeOptions.url, body } },
      postmortemId: async () => uuid(),
    })
    await demandFound(gateway, requested)
    const { postmortem_id } = requested
    return { status: 202, body: { postmortem_id, status: 'processing', message: texts.asked[language] } }
  }

/** Publishes a request for a postmortem, once per key. `postmortemId` is called only if the key is new. */
export async function askForPostmortem(
  gateway: Gateway,
  {
    caller,
    wanted,
    context,
    keyed,
    postmortemId,
    ...asked
  }: Asking & { wanted: PostmortemRequest; context: Record<string, string>; postmortemId(): Promise<string> },
): Promise<Requested> {
  const incidents = [...new Set(wanted.incident_ids ?? [])]
  const sessions = [...new Set((wanted.session_ids ?? []).map((id) => id.toLowerCase()))]
  if (incidents.length + sessions.length > MOST_IDS)
    throw new ApiError('VALIDATION_ERROR', refusals.notDescribed('body'), {
      details: [{ field: 'body', message: texts.tooMany(incidents.length + sessions.length, MOST_IDS) }],
    })
  const { value } = await publishOnce(
    gateway.pool,
    { caller, ...keyed },
    {
      prepare: async () => {
        await demandSessions(gateway, caller.tenant, sessions)
        return {
          event: 'PostmortemRequested' as const,
          value: {
            ...stamp(caller.tenant, gateway.now()),
            session_id: null,
            postmortem_id: await postmortemId(),
            incident_ids: incidents,
            session_ids: sessions,
            language: wanted.language ?? null,
            requested_by: caller.id,
            context,
          },
        }
      },
      publish: (received) => publish(gateway, received, asked),
    },
  )
  return value
}

/** Another tenant's ids look as if they did not exist. */
async function demandSessions({ pool }: Gateway, tenant: string, sessions: string[]): Promise<void> {
  const unknown = await unknownIn(pool, tenant, { incidents: [], sessions })
  demandNone(unknown.sessions.map((id) => ({ field: 'body.session_ids', message: texts.noSession(id) })))
}

/** Of an incident that no session names, only the agent can tell whether it exists: it asks the control-plane. It may lack a session, too. */
async function demandFound(gateway: Gateway, requested: Requested): Promise<void> {
  const { tenant, postmortem_id, incident_ids, session_ids } = requested
  const { incidents: doubtful } = await unknownIn(gateway.pool, tenant, { incidents: incident_ids, sessions: [] })
  const reason = doubtful.length === 0 ? null : await reasonWithin(gateway, tenant, postmortem_id)
  if (reason === null || !reason.startsWith(UNKNOWN)) return
  // an id may contain a comma
  const named = `, ${reason.slice(UNKNOWN.length)}, `
  const isNamed = (id: string): boolean => named.includes(`, ${id}, `)
  demandNone([
    ...incident_ids.filter(isNamed).map((id) => ({ field: 'body.incident_ids', message: texts.noIncident(id) })),
    ...session_ids.filter(isNamed).map((id) => ({ field: 'body.session_ids', message: texts.noSession(id) })),
  ])
}

/** How the agent's reason begins if it lacks some of the incidents or sessions. */
const UNKNOWN = 'unknown_ids: '
const LOOK_MS = 1000

/** The reason that the agent's answer gives; null: it gives none, or takes too long. */
async function reasonWithin(gateway: Gateway, tenant: string, id: string): Promise<string | null> {
  const { pool, watch, closing, incidentWaitMs } = gateway
  const signal = AbortSignal.any([closing, AbortSignal.timeout(incidentWaitMs)])
  const watcher = watch.watch(id)
  try {
    for (;;) {
      const result = (await findPostmortem(pool, tenant, id))?.result ?? null
      if (result !== null || signal.aborted) return result?.reason ?? null
      await watcher.changed(LOOK_MS, signal)
    }
  } finally {
    watcher.close()
  }
}

function demandNone(unknown: Detail[]): void {
  if (unknown.length === 0) return
  throw new ApiError('RESOURCE_NOT_FOUND', texts.unknown(unknown.length), {
    details: shortened(unknown, (one) => one),
  })
}

export const listPostmortems =
  ({ pool }: Gateway): Handler<'listPostmortems'> =>
  async ({ query, language }, caller) => {
    const { rows, total } = await findPostmortems(pool, caller.tenant, query)
    const items = rows.map((row) => presentPostmortemSummary(row, language))
    return { status: 200, body: { items, pagination: pagination(query, total) } }
  }

export const getPostmortem =
  ({ pool }: Gateway): Handler<'getPostmortem'> =>
  async ({ params, query, headers, language, reply }, caller) => {
    const row = await findPostmortem(pool, caller.tenant, params.postmortem_id)
    if (row === null) throw notFound('postmortem')
    reply.header('vary', 'accept, accept-language')
    const format = query.format ?? wantedBy(reply)
    if (format === 'json') return { status: 200, body: presentPostmortem(row, language) }
    const report = reportOf(row)
    const spoken = headers['accept-language'] === undefined && row.requested.language === 'zh-TW' ? 'zh-TW' : language
    const options = { language: spoken, ...zoneOf(query.time_zone), people: peopleIn(row) } as const
    reply.header('content-language', spoken)
    const { charts } = query
    const linked = charts === undefined ? options : { ...options, charts }
    if (format === 'md') return written(reply, 'text/markdown; charset=utf-8', renderMarkdown(report, linked))
    reply.header('content-security-policy', HTML_POLICY)
    return written(reply, 'text/html; charset=utf-8', renderHtml(report, options))
  }

const FORMATS = { 'application/json': 'json', 'text/markdown': 'md', 'text/html': 'html' } as const

/** By `Accept`; JSON if it allows all of these formats, or none. */
function wantedBy(reply: FastifyReply): 'json' | 'md' | 'html' {
  const accepted = new Negotiator(reply.request.raw).mediaType(Object.keys(FORMATS))
  return FORMATS[accepted as keyof typeof FORMATS] ?? 'json'
}

/** The document's first media type gives the body's TypeScript type; the other two are text. */
function written(reply: FastifyReply, type: string, text: string): { status: 200; body: Postmortem } {
  reply.type(type)
  return { status: 200, body: text as unknown as Postmortem }
}

export function reportOf(row: PostmortemRow): Report {
  if (row.result === null) throw conflict(texts.writing)
  const report = readReport(row.result)
  if (report === null) throw conflict(texts.notWritten)
  return report
}

function zoneOf(zone: Asked<'getPostmortem'>['query']['time_zone']): { zone?: string } {
  if (zone === undefined) return {}
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return { zone }
  } catch {
    throw new ApiError('INVALID_REQUEST', refusals.notDescribed('querystring'), {
      details: [{ field: 'querystring.time_zone', message: texts.noZone }],
    })
  }
}
