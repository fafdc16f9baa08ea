/** The approval page: plain HTML that works without scripts. Everything on it is data and escaped. */
import type { Approval } from './approvals.ts'
import type { PersonSession } from './login.ts'

const escape = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style =
  'body{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}article{border:1px solid #8886;' +
  'border-radius:.5rem;padding:1rem;margin:1rem 0}code{overflow-wrap:anywhere}textarea{width:100%;font:inherit}' +
  'button{font:inherit;padding:.4rem 1rem}dt{font-weight:600}dd{margin:0 0 .5rem}:root{color-scheme:light dark}'

export const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const page = (content: string): string => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>Approvals</title><style>${style}</style></head>
<body><main><h1>Approvals</h1>${content}</main></body></html>`

export function approvalsPage(session: PersonSession, approvals: readonly Approval[], now: number): string {
  const { person, formToken } = session
  const waiting = approvals.filter(({ status }) => status === 'pending')
  const past = approvals.filter(({ status }) => status !== 'pending')
  return page(`<p>Signed in as <strong>${escape(person.sub)}</strong> (${escape(person.roles.join(', ') || 'no role')}).</p>
<form method="post" action="/logout"><input type="hidden" name="form_token" value="${formToken}"><button>Sign out</button></form>
<h2>Waiting for a decision</h2>${waiting.map((one) => approvalCard(one, formToken, now)).join('') || '<p>Nothing waits.</p>'}
<h2>Decided</h2>${past.map((one) => approvalCard(one, null, now)).join('') || '<p>Nothing yet.</p>'}`)
}

export const messagePage = (message: string): string =>
  page(`<p role="alert">${escape(message)}</p><p><a href="/approvals">Back to the approvals</a></p>`)

function approvalCard(approval: Approval, formToken: string | null, now: number): string {
  const { request, closed, action, decision } = approval
  const minutes = Math.max(0, Math.ceil((request.expires_at - now) / 60_000))
  const facts: [string, string | null | undefined][] = [
    ['State', approval.status],
    ['Service', [request.action.namespace, request.action.service].filter(Boolean).join('/')],
    ['Parameters', named(request.action.parameters)],
    ['Only while', named(request.action.target_state)],
    ['Why', inEnglish(request.reason)],
    ['Risk', request.risk],
    ['Evidence', request.evidence.join(', ')],
    ['Session', request.session_id],
    ['Expires', closed === null ? `in ${minutes} min` : null],
    ['Decision', decision && `${decision.decision} by ${decision.decider}: ${decision.reason}`],
    ['Closed', closed && `${closed.outcome} (${closed.code}) ${closed.reason ?? ''}`],
    ['Outcome', action && `${action.outcome}, ${action.effect}. ${action.output ?? action.error ?? ''}`],
  ]
  const list = facts.flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd>${escape(value)}</dd>`] : []))
  return `<article id="${escape(approval.id)}"><h3>${escape(inEnglish(request.title))}</h3><dl>${list.join('')}</dl>
<p><small>SHA-256 of the action: <code>${escape(request.action_hash)}</code></small></p>
${formToken === null ? '' : decisionForm(approval, formToken)}</article>`
}

const decisionForm = ({ id, request }: Approval, formToken: string): string => `<form method="post"
action="/approvals/${escape(id)}/decision"><input type="hidden" name="form_token" value="${formToken}">
<input type="hidden" name="action_hash" value="${escape(request.action_hash)}">
<label>Reason <textarea name="reason" rows="2" required maxlength="2000"></textarea></label>
<button name="decision" value="approved">Approve</button> <button name="decision" value="rejected">Reject</button></form>`

const inEnglish = (text: Readonly<Record<string, string>>): string => text['en'] ?? Object.values(text)[0] ?? ''

const named = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')
