/** Read-only proxies often refuse POST for some or all paths (403, 405); the same query is then sent as GET. */
import { HttpError } from '../http-error.ts'
import type { Call } from '../call.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'

/** The method may be what was refused; only trying GET can tell. */
const REFUSED = new Set([403, 405])

export function getWherePostIsRefused(http: Http): Http {
  const refused = new Set<string>()
  async function ask<T>(call: Call, how: (call: Call) => Promise<T>): Promise<T> {
    const asGet = getOf(call)
    if (asGet === null) return how(call)
    if (refused.has(call.path)) return how(asGet)
    try {
      return await how(call)
    } catch (error) {
      if (!(error instanceof HttpError) || !REFUSED.has(error.status)) throw error
      const answer = await how(asGet)
      refused.add(call.path)
      return answer
    }
  }
  return {
    baseUrl: http.baseUrl,
    text: (call: Call, context: CallContext) => ask(call, (one) => http.text(one, context)),
    json: (call: Call, context: CallContext) => ask(call, (one) => http.json(one, context)),
  }
}

/** The same query as GET; null: it already is one. */
function getOf({ path, query, form, body, headers }: Call): Call | null {
  if (form === undefined && body === undefined) return null
  const asked = new URLSearchParams(body)
  for (const [name, value] of Object.entries(form ?? {})) if (value !== undefined) asked.set(name, String(value))
  return { path: `${path}?${asked.toString()}`, ...(query === undefined ? {} : { query }), ...(headers === undefined ? {} : { headers }) } // prettier-ignore
}
