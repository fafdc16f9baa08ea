/** The approval pages: plain HTML that works without scripts. */
import type { Language } from '../../../gateway/present/language.ts'
import { attribute, line, lines } from '../../../schemas/html.ts'
import type { Approval } from './approvals.ts'
import { approvalCard } from './card.ts'
import type { PersonSession } from './login.ts'
import { pageTexts } from './page-texts.ts'

const style =
  'body{font:16px/1.5 system-ui;max-width:48rem;margin:2rem auto;padding:0 1rem}article{border:1px solid #8886;' +
  'border-radius:.5rem;padding:1rem;margin:1rem 0}code{overflow-wrap:anywhere}textarea{width:100%;font:inherit}' +
  'button{font:inherit;padding:.4rem 1rem}dt{font-weight:600}dd{margin:0 0 .5rem}:root{color-scheme:light dark}' +
  'blockquote{border-left:.25rem solid #8886;margin:.5rem 0;padding-left:1rem;max-height:12rem;overflow:auto;font-style:italic}' +
  'blockquote p,[role=alert]{white-space:pre-wrap;overflow-wrap:anywhere;margin:.25rem 0}dd,h3{overflow-wrap:anywhere}'

export const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const page = (language: Language, content: string, head = ''): string => {
  const { title } = pageTexts[language]
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style>${head}</head>
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
  const { person, place } = session
  const texts = pageTexts[language]
  const card = (one: Approval, decider: PersonSession | null) => approvalCard(one, decider, now, language)
  const waiting = items.filter(({ status }) => status === 'pending')
  const past = items.filter(({ status }) => status !== 'pending')
  return page(
    language,
    `<p>${texts.signedIn} <strong dir="auto">${line(person.sub)}</strong> (${line(person.roles.join(', ') || texts.noRole)})</p>
<form method="post" action="/approvals/${place}/logout"><input type="hidden" name="form_token" value="${session.formToken}"><button>${texts.signOut}</button></form>
<h2>${texts.waiting}</h2>${waiting.map((one) => card(one, session)).join('') || `<p>${texts.nothingWaits}</p>`}
<h2>${texts.decided}</h2>${past.map((one) => card(one, null)).join('') || `<p>${texts.nothingYet}</p>`}
${older === null ? '' : `<p><a href="/approvals/${place}?page=${older.page}&amp;page_size=${older.page_size}">${texts.older}</a></p>`}`,
  )
}

/** `back`: the path of the list */
export const messagePage = (message: string, language: Language, back: string): string =>
  page(
    language,
    `<p role="alert">${lines(message)}</p><p><a href="${attribute(back)}">${pageTexts[language].back}</a></p>`,
  )

/** Redirects to the issuer's logout by HTML, because the page's policy forbids a form that redirects to another origin. */
export const leavingPage = ({ href }: URL, language: Language): string =>
  page(
    language,
    `<p><a href="${attribute(href)}">${pageTexts[language].leaving}</a></p>`,
    `<meta http-equiv="refresh" content="0;url=${attribute(href)}">`,
  )
