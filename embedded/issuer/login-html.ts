import type { Language } from '../../gateway/present/language.ts'
import type { Texts } from '../../gateway/present/texts.ts'
import { attribute, line } from '../../schemas/html.ts'
import { loginTexts } from './login-texts.ts'

/** The client that wants to act on the person's behalf. */
export interface Asked {
  /** where the form is posted */
  action: string
  client: string
  /** redirect URI of the client */
  redirect: string
  scopes: readonly string[]
}

const style =
  'body{font:16px/1.5 system-ui;max-width:28rem;margin:10vh auto;padding:0 1rem}:root{color-scheme:light dark}' +
  'label,input{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;font:inherit}code{overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.4rem 1rem;margin:.5rem .5rem 0 0}[role=alert]{font-weight:600}'

/** `asked`: null if the sign-in has ended. Works without scripts, and shows why a sign-in failed. */
export const loginPage = (message: Texts | null, asked: Asked | null, language: Language): string =>
  `<!doctype html><html lang="${language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${loginTexts.title[language]}</title><style>${style}</style>
<h1>SRE Platform</h1><p role="alert">${line(message?.[language] ?? '')}</p>${asked === null ? '' : form(asked, language)}</html>`

function form({ action, client, redirect, scopes }: Asked, language: Language): string {
  const wanted = scopes
    .filter((scope) => scope.startsWith('sre-platform:'))
    .map((scope) => `<code>${line(scope)}</code>`)
  const code = (text: string) => `<code>${line(text)}</code>`
  const to = `<strong>${code(new URL(redirect).host)}</strong>`
  const say = (texts: Texts) => texts[language]
  return `<p>${say(loginTexts.asked(code(client), to, wanted.join(', ')))}</p>
<p><small>${say(loginTexts.goesTo(code(redirect)))}</small></p>
<form method="post" action="${attribute(action)}">
<label>${say(loginTexts.name)} <input name="username" autocomplete="username" required autofocus></label>
<label>${say(loginTexts.password)} <input name="password" type="password" autocomplete="current-password" required></label>
<button name="decision" value="allow">${say(loginTexts.allow)}</button> <button name="decision" value="deny" formnovalidate>${say(loginTexts.deny)}</button></form>`
}
