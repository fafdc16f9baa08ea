import { attribute, line } from '../html.ts'

/** Who wants to act in the person's name. */
export interface Asked {
  /** where the form goes */
  action: string
  client: string
  /** where the answer goes */
  redirect: string
  scopes: readonly string[]
}

const style =
  'body{font:16px/1.5 system-ui;max-width:28rem;margin:10vh auto;padding:0 1rem}:root{color-scheme:light dark}' +
  'label,input{display:block;width:100%;box-sizing:border-box;margin:.5rem 0;font:inherit}code{overflow-wrap:anywhere}' +
  'button{font:inherit;padding:.4rem 1rem;margin:.5rem .5rem 0 0}[role=alert]{font-weight:600}'

/** `asked`: null where there is nothing to sign in to any more. It works without scripts and says why a sign-in failed. */
export const loginPage = (message: string, asked: Asked | null): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>SRE Platform: sign in 登入</title><style>${style}</style>
<h1>SRE Platform</h1><p role="alert">${line(message)}</p>${asked === null ? '' : form(asked)}</html>`

function form({ action, client, redirect, scopes }: Asked): string {
  const wanted = scopes
    .filter((scope) => scope.startsWith('sre-platform:'))
    .map((scope) => `<code>${line(scope)}</code>`)
  const to = `<strong><code>${line(new URL(redirect).host)}</code></strong>`
  return `<p>The client <code>${line(client)}</code> that listens at ${to} will act in your name, as far as your roles allow: ${wanted.join(', ')}.
Go on only if you have just begun this sign-in there.</p>
<p lang="zh-TW">在 ${to} 接聽的用戶端 <code>${line(client)}</code> 將以您的名義行動，範圍以您的角色為限。請確認是您剛才在該處開始的登入，才繼續。</p>
<p><small>Your answer goes to 回覆將送往 <code>${line(redirect)}</code></small></p>
<form method="post" action="${attribute(action)}">
<label>Name 帳號 <input name="username" autocomplete="username" required autofocus></label>
<label>Password 密碼 <input name="password" type="password" autocomplete="current-password" required></label>
<button name="decision" value="allow">Sign in and allow 登入並允許</button> <button name="decision" value="deny" formnovalidate>Deny 拒絕</button></form>`
}
