/** The approval page: plain HTML that works without scripts. Everything on it is data and escaped. */
import { inLanguage, type Language } from '../../../gateway/present/language.ts'
import { actionReason, closingReason } from '../../../gateway/present/reasons.ts'
import { wordIn } from '../../../gateway/present/words.ts'
import type { Approval } from './approvals.ts'
import type { PersonSession } from './login.ts'
import { pageTexts } from './page-texts.ts'

const escape = (value: string): string => value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const style =
  'body{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}article{border:1px solid #8886;' +
  'border-radius:.5rem;padding:1rem;margin:1rem 0}code{overflow-wrap:anywhere}textarea{width:100%;font:inherit}' +
  'button{font:inherit;padding:.4rem 1rem}dt{font-weight:600}dd{margin:0 0 .5rem}:root{color-scheme:light dark}'

export const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const page = (language: Language, content: string): string => {
  const { title } = pageTexts[language]
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style></head>
<body><main><h1>${title}</h1>${content}</main></body></html>`
}

export interface ApprovalsShown {
  items: readonly Approval[]
  /** the page after this one; null: this is the last */
  older: { page: number; page_size: number } | null
}

export function approvalsPage(
  session: PersonSession,
  { items, older }: ApprovalsShown,
  now: number,
  language: Language,
): string {
  const { person, formToken } = session
  const texts = pageTexts[language]
  const card = (one: Approval, token: string | null) => approvalCard(one, token, now, language)
  const waiting = items.filter(({ status }) => status === 'pending')
  const past = items.filter(({ status }) => status !== 'pending')
  return page(
    language,
    `<p>${texts.signedIn} <strong>${escape(person.sub)}</strong> (${escape(person.roles.join(', ') || texts.noRole)})</p>
<form method="post" action="/logout"><input type="hidden" name="form_token" value="${formToken}"><button>${texts.signOut}</button></form>
<h2>${texts.waiting}</h2>${waiting.map((one) => card(one, formToken)).join('') || `<p>${texts.nothingWaits}</p>`}
<h2>${texts.decided}</h2>${past.map((one) => card(one, null)).join('') || `<p>${texts.nothingYet}</p>`}
${older === null ? '' : `<p><a href="/approvals?page=${older.page}&amp;page_size=${older.page_size}">${texts.older}</a></p>`}`,
  )
}

export const messagePage = (message: string, language: Language): string =>
  page(language, `<p role="alert">${escape(message)}</p><p><a href="/approvals">${pageTexts[language].back}</a></p>`)

function approvalCard(approval: Approval, formToken: string | null, now: number, language: Language): string {
  const { request, closed, action, decision } = approval
  const texts = pageTexts[language]
  const word = (one: string) => wordIn(language, one)
  const minutes = Math.max(0, Math.ceil((request.expires_at - now) / 60_000))
  const facts: [string, string | null | undefined][] = [
    [texts.state, word(approval.status)],
    [texts.service, [request.action.namespace, request.action.service].filter(Boolean).join('/')],
    [texts.parameters, named(request.action.parameters)],
    [texts.onlyWhile, named(request.action.target_state)],
    [texts.why, inLanguage(request.reason, language)],
    [texts.risk, word(request.risk)],
    [texts.evidence, request.evidence.join(', ')],
    [texts.session, request.session_id],
    [texts.expires, closed === null ? texts.inMinutes(minutes) : null],
    [texts.decision, decision && texts.by(word(decision.decision), decision.decider, decision.reason)],
    [texts.closed, closed && `${word(closed.outcome)} (${closed.code}) ${closingReason(closed, language) ?? ''}`],
    [
      texts.outcome,
      action && texts.ended(word(action.outcome), word(action.effect), actionReason(action, language) ?? action.output),
    ],
  ]
  const list = facts.flatMap(([name, value]) => (value ? [`<dt>${name}</dt><dd>${escape(value)}</dd>`] : []))
  return `<article id="${escape(approval.id)}"><h3>${escape(inLanguage(request.title, language))}</h3><dl>${list.join('')}</dl>
<p><small>${texts.hash}: <code>${escape(request.action_hash)}</code></small></p>
${formToken === null ? '' : decisionForm(approval, formToken, language)}</article>`
}

function decisionForm({ id, request }: Approval, formToken: string, language: Language): string {
  const texts = pageTexts[language]
  return `<form method="post"
action="/approvals/${escape(id)}/decision"><input type="hidden" name="form_token" value="${formToken}">
<input type="hidden" name="action_hash" value="${escape(request.action_hash)}">
<label>${texts.reason} <textarea name="reason" rows="2" required maxlength="2000"></textarea></label>
<button name="decision" value="approved">${texts.approve}</button> <button name="decision" value="rejected">${texts.reject}</button></form>`
}

const named = (values: Readonly<Record<string, string>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ')
