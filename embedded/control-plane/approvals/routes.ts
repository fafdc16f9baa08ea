/** The approvals for people: a page with a sign-in, and the same as JSON for a person's bearer token. */
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { languageOf } from '../../../gateway/present/language.ts'
import { traceOf } from '../../../gateway/trace.ts'
import { demandScope } from '../access.ts'
import { ApiError, failureAnswer, read } from '../api-error.ts'
import { signIn } from '../texts.ts'
import { paging } from '../routes/paging.ts'
import type { Approval, Approvals } from './approvals.ts'
import type { Login, PersonSession } from './login.ts'
import { approvalsPage, contentSecurityPolicy, messagePage } from './page.ts'
import { pageTexts } from './page-texts.ts'

const byId = z.object({ id: z.string() })
const decisionBody = z.strictObject({
  decision: z.enum(['approved', 'rejected']),
  reason: z.string().trim().min(1).max(2_000),
  action_hash: z.string(),
})
const form = z.looseObject({ form_token: z.string() })
const listQuery = z.object(paging)
const sessionCookie = 'approvals-session'
const attemptCookie = 'approvals-sign-in'

/** Under `/api/v1`, where the caller's token has been checked already. */
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
    if (status >= 500) request.log.error({ error: String(error) }, 'a page could not be shown')
    return html(reply.code(status), messagePage(body.message, speaks(request)))
  })
  const secure = () => publicUrl().startsWith('https:')
  const cookieOptions = () => ({ httpOnly: true, sameSite: 'lax' as const, path: '/', secure: secure() })
  const sessionOf = (request: FastifyRequest) => login.sessionOf(request.cookies[sessionCookie])

  app.get('/approvals', async (request, reply) => {
    const session = sessionOf(request)
    if (session === null) return reply.redirect('/login')
    const asked = read(listQuery, request.query, 'INVALID_REQUEST')
    const { items, total } = await approvals.list(session.person.tenant, asked)
    const older = asked.page * asked.page_size < total ? { ...asked, page: asked.page + 1 } : null
    return html(reply, approvalsPage(session, { items, older }, clock(), speaks(request)))
  })

  app.get('/login', async (_request, reply) => {
    const { attempt, url } = await login.begin(`${publicUrl()}/callback`)
    return reply.setCookie(attemptCookie, attempt, cookieOptions()).redirect(url.href)
  })

  app.get('/callback', async (request, reply) => {
    const query = request.url.slice(request.url.indexOf('?'))
    const session = await login.complete(request.cookies[attemptCookie], query).catch((error: unknown) => {
      throw new ApiError('AUTHENTICATION_FAILED', signIn.failed, { cause: error })
    })
    if (session === null) throw new ApiError('AUTHENTICATION_FAILED', signIn.expired)
    return reply
      .clearCookie(attemptCookie, cookieOptions())
      .setCookie(sessionCookie, session.id, cookieOptions())
      .redirect('/approvals')
  })

  app.post('/approvals/:id/decision', async (request, reply) => {
    const { session, fields } = ownForm(sessionOf(request), request)
    demandScope(session.person, 'sre-platform:approve')
    const { decision, reason, action_hash: actionHash } = read(decisionBody, fields)
    const { id: approvalId } = read(byId, request.params)
    await approvals.decide(session.person, { approvalId, actionHash, decision, reason, trace: traceOf(request) })
    return reply.redirect('/approvals', 303)
  })

  app.post('/logout', async (request, reply) => {
    const { session } = ownForm(sessionOf(request), request)
    login.end(session.id)
    return html(
      reply.clearCookie(sessionCookie, cookieOptions()),
      messagePage(pageTexts[speaks(request)].signedOut, speaks(request)),
    )
  })
}

/** The fields of a form that this session was given; a form from elsewhere does not carry its token. */
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

const answer = ({ id, status, request, closed, action, decision }: Approval) => ({
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
  decision,
  closed: closed && {
    outcome: closed.outcome,
    code: closed.code,
    reason: closed.reason,
    decided_by: closed.decided_by,
  },
  outcome: action && { outcome: action.outcome, effect: action.effect, output: action.output, error: action.error },
})
