/** Approvals for people: a page with sign-in, and JSON for a bearer token. */
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { languageOf } from '../../../gateway/present/language.ts'
import { traceOf } from '../../../gateway/trace.ts'
import { demandScope } from '../access.ts'
import { ApiError, failureAnswer, read } from '../api-error.ts'
import { text } from '../outside.ts'
import { signIn } from '../texts.ts'
import { paging } from '../routes/paging.ts'
import type { Approval, Approvals } from './approvals.ts'
import type { Login, PersonSession } from './login.ts'
import { approvalsPage, contentSecurityPolicy, leavingPage, messagePage } from './page.ts'
import { pageTexts } from './page-texts.ts'

const byId = z.object({ id: text })
const inPlace = z.object({ place: z.string() })
const decisionBody = z.strictObject({
  decision: z.enum(['approved', 'rejected']),
  reason: text.trim().min(1).max(2_000),
  action_hash: text,
})
const form = z.looseObject({ form_token: z.string() })
const listQuery = z.object(paging)

/** Below `/api/v1`, where the token has already been checked. */
export function approvalApi(app: FastifyInstance, approvals: Approvals): void {
  app.get('/approvals', async (request) => {
    const asked = read(listQuery, request.query, 'INVALID_REQUEST')
    const { items, total } = await approvals.list(request.caller.tenant, asked)
    return { items: items.map(answer), pagination: { ...asked, total } }
  })
  app.get('/approvals/:id', async (request) =>
    answer(await approvals.find(request.caller.tenant, read(byId, request.params).id)),
  )
  app.post('/approvals/:id/decision', { config: { scope: 'sre-platform:approve' } }, async (request) => {
    const { decision, reason, action_hash: actionHash } = read(decisionBody, request.body)
    const { id: approvalId } = read(byId, request.params)
    return answer(
      await approvals.decide(request.caller, { approvalId, actionHash, decision, reason, trace: traceOf(request) }),
    )
  })
}

export interface ApprovalPageOptions {
  approvals: Approvals
  login: Login
  /** where browsers reach this service */
  publicUrl(): string
  clock(): number
}

export async function approvalPages(app: FastifyInstance, options: ApprovalPageOptions): Promise<void> {
  const { approvals, login, publicUrl, clock } = options
  await app.register(cookie)
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  )
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = failureAnswer(error, request.id, speaks(request))
    if (status >= 500) request.log.error({ error: String(error) }, 'failed to serve a page')
    return html(reply.code(status), messagePage(body.message, speaks(request), backFrom(request)))
  })
  const cookies = cookiesAt(publicUrl)
  const sessionOf = (request: FastifyRequest) =>
    login.sessionOf(read(inPlace, request.params).place, request.cookies[cookies.session()])

  // no session here: the cookie is limited to the session's own path
  app.get('/approvals', (_request, reply) => reply.redirect('/login'))

  app.get('/approvals/:place', async (request, reply) => {
    const session = sessionOf(request)
    if (session === null) return reply.redirect('/login')
    const asked = read(listQuery, request.query, 'INVALID_REQUEST')
    const { items, total } = await approvals.list(session.person.tenant, asked)
    const older = asked.page * asked.page_size < total ? { ...asked, page: asked.page + 1 } : null
    return html(reply, approvalsPage(session, { items, older }, clock(), speaks(request)))
  })

  app.get('/login', async (_request, reply) => {
    const { attempt, url } = await login.begin(`${publicUrl()}/callback`)
    return reply.setCookie(cookies.attempt(), attempt, cookies.options('/callback')).redirect(url.href)
  })

  app.get('/callback', async (request, reply) => {
    const query = request.url.slice(request.url.indexOf('?'))
    const session = await login.complete(request.cookies[cookies.attempt()], query).catch((error: unknown) => {
      throw new ApiError('AUTHENTICATION_FAILED', signIn.failed, { cause: error })
    })
    if (session === null) throw new ApiError('AUTHENTICATION_FAILED', signIn.expired)
    return reply
      .clearCookie(cookies.attempt(), cookies.options('/callback'))
      .setCookie(cookies.session(), session.id, cookies.options(placeOf(session)))
      .redirect(placeOf(session))
  })

  app.post('/approvals/:place/:id/decision', async (request, reply) => {
    const { session, fields } = ownForm(sessionOf(request), request)
    demandScope(session.person, 'sre-platform:approve')
    const { decision, reason, action_hash: actionHash } = read(decisionBody, fields)
    const { id: approvalId } = read(byId, request.params)
    await approvals.decide(session.person, { approvalId, actionHash, decision, reason, trace: traceOf(request) })
    return reply.redirect(placeOf(session), 303)
  })

  app.post('/approvals/:place/logout', async (request, reply) => {
    const { session } = ownForm(sessionOf(request), request)
    const next = await login.end(session, `${publicUrl()}/signed-out`).catch((error: unknown) => {
      throw new ApiError('SERVICE_UNAVAILABLE', signIn.endedHereAlone, { cause: error })
    })
    const language = speaks(request)
    reply.clearCookie(cookies.session(), cookies.options(placeOf(session)))
    return next === null ? reply.redirect('/signed-out', 303) : html(reply, leavingPage(next, language))
  })

  app.get('/signed-out', (request, reply) => {
    const language = speaks(request)
    return html(reply, messagePage(pageTexts[language].signedOut, language, '/approvals'))
  })
}

const placeOf = ({ place }: PersonSession): string => `/approvals/${place}`

/** The path of the session the request belongs to, if any. */
const backFrom = ({ params }: FastifyRequest): string => {
  const { data } = inPlace.safeParse(params)
  return data === undefined ? '/approvals' : `/approvals/${encodeURIComponent(data.place)}`
}

/** The port is part of the name, so that two control-planes on one host do not overwrite each other's cookies. */
function cookiesAt(publicUrl: () => string) {
  const named = (what: string) => {
    const { protocol, port } = new URL(publicUrl())
    return `${protocol === 'https:' ? '__Secure-' : ''}approvals-${what}${port === '' ? '' : `-${port}`}`
  }
  return {
    session: () => named('session'),
    attempt: () => named('sign-in'),
    options: (path: string) => ({
      ...{ httpOnly: true, sameSite: 'lax' as const, path },
      secure: publicUrl().startsWith('https:'),
    }),
  }
}

/** The form's fields, after checking that the form was issued to this session. */
function ownForm(session: PersonSession | null, request: FastifyRequest) {
  if (session === null) throw new ApiError('AUTHENTICATION_FAILED', signIn.first)
  const { form_token, ...fields } = read(form, request.body)
  if (form_token !== session.formToken) throw new ApiError('INSUFFICIENT_PERMISSIONS', signIn.notYourForm)
  return { session, fields }
}

const speaks = (request: FastifyRequest) => languageOf(request.headers['accept-language'])

const html = (reply: FastifyReply, content: string) =>
  reply
    .headers({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': contentSecurityPolicy,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    })
    .send(content)

const answer = ({ id, status, request, closed, action, decision, ignoredStatement, ...rest }: Approval) => ({
  id,
  status,
  session_id: request.session_id,
  action: request.action,
  action_hash: request.action_hash,
  title: request.title,
  reason: request.reason,
  risk: request.risk,
  evidence: request.evidence,
  approver_roles: request.approver_roles,
  requested_at: new Date(request.occurred_at),
  expires_at: new Date(request.expires_at),
  approvals_needed: rest.approvalsNeeded,
  approvals: rest.approvedBy.map(({ person, reason }) => ({ approved_by: person, reason })),
  decision: decision && { decision: decision.decision, reason: decision.reason, decider: decision.decider },
  closed: closed && {
    outcome: closed.outcome,
    code: closed.code,
    reason: closed.reason,
    decided_by: closed.decided_by,
  },
  outcome: action && { outcome: action.outcome, effect: action.effect, output: action.output, error: action.error },
  ignored_statement: ignoredStatement,
})
