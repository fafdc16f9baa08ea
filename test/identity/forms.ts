import { CookieJar } from 'tough-cookie'

const attribute = (tag: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1]?.replaceAll('&amp;', '&')

/** Walks HTML forms as a browser does: follows redirects, keeps cookies, fills in the given fields. Returns the first page without a form. */
export async function fillIn(start: string, given: Record<string, string>): Promise<string> {
  const jar = new CookieJar()
  let url = start
  let form: URLSearchParams | undefined
  for (let step = 0; step < 20; step++) {
    const headers = { cookie: await jar.getCookieString(url) }
    const response = await fetch(url, { redirect: 'manual', headers, ...(form ? { method: 'POST', body: form } : {}) })
    for (const cookie of response.headers.getSetCookie()) await jar.setCookie(cookie, url)
    const location = response.headers.get('location')
    const page = await response.text()
    const [opening = ''] = /<form\b[^>]*>/.exec(page) ?? []
    const action = attribute(opening, 'action')
    if (location === null && action === undefined) return page
    const fields = [...page.matchAll(/<input\b[^>]*>/g)].flatMap(([tag]): [string, string][] => {
      const name = attribute(tag, 'name')
      return name === undefined ? [] : [[name, given[name] ?? attribute(tag, 'value') ?? '']]
    })
    form = location === null ? new URLSearchParams(fields.filter(([name]) => name !== 'cancel')) : undefined
    url = new URL(location ?? action ?? '', url).href
  }
  throw new Error(`${start} leads nowhere`)
}
