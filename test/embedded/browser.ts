/** A minimal browser for pages without scripts: cookies, redirects, forms. */
import { CookieJar } from 'tough-cookie'

export interface Page {
  status: number
  url: string
  text: string
  headers: Headers
}

export function createBrowser() {
  const jar = new CookieJar()
  async function go(url: string, form?: Record<string, string>): Promise<Page> {
    let [next, body] = [url, form === undefined ? undefined : new URLSearchParams(form)]
    for (let hops = 0; hops < 15; hops++) {
      const response = await fetch(next, {
        method: body === undefined ? 'GET' : 'POST',
        redirect: 'manual',
        headers: { cookie: await jar.getCookieString(next) },
        ...(body === undefined ? {} : { body }),
      })
      for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, next)
      const location = response.headers.get('location')
      if (location === null)
        return { status: response.status, url: next, text: await response.text(), headers: response.headers }
      next = new URL(location, next).href
      body = undefined
    }
    throw new Error(`redirected without end from ${url}`)
  }
  return { go, cookies: (url: string) => jar.getCookies(url) }
}

const decoded = (value: string): string =>
  value.replace(/&#(\d+);/g, (_all, code: string) => String.fromCharCode(Number(code))).replaceAll('&amp;', '&')

/** The first form whose action contains `part`: its target and hidden fields. */
export function formOn(page: Page, part: string): { action: string; fields: Record<string, string> } {
  for (const [, action = '', content = ''] of page.text.matchAll(/<form[^>]*\saction="([^"]+)"[^>]*>(.*?)<\/form>/gs)) {
    if (!action.includes(part)) continue
    const hidden = [...content.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)]
    const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, decoded(value)]))
    return { action: new URL(decoded(action), page.url).href, fields }
  }
  throw new Error(`no form for ${part} on ${page.url}: ${page.text}`)
}
