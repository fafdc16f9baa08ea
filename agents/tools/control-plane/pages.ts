import { z } from 'zod'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'

const PAGE_SIZE = 100
/** A list longer than this is cut, and says so. */
const MAX_PAGES = 50

const bare = z.array(z.unknown())
const paged = z.looseObject({
  items: bare,
  pagination: z.looseObject({ total: z.number().optional(), total_pages: z.number().optional() }).nullish(),
})

/**
 * Every page of `{items, pagination}`, or the bare array an older control-plane answers with. Without a total it reads on
 * until a page brings nothing new: page sizes are the server's to choose, and some know no pages and repeat themselves.
 */
export async function listAll(
  http: Http,
  path: string,
  query: Readonly<Record<string, string>>,
  context: CallContext,
): Promise<{ items: unknown[]; warnings: string[] }> {
  const items = new Map<string, unknown>()
  for (let page = 1; page <= MAX_PAGES; page++) {
    const body = await http.json({ path, query: { ...query, page, page_size: PAGE_SIZE } }, context)
    if (Array.isArray(body)) return { items: body, warnings: [] }
    const { items: found, pagination } = parsed(paged, `the list ${path}`, body)
    const before = items.size
    for (const item of found) items.set(JSON.stringify(item), item)
    const { total, total_pages: pages } = pagination ?? {}
    const whole = (total !== undefined && items.size >= total) || (pages !== undefined && page >= pages)
    if (whole || items.size === before) return { items: [...items.values()], warnings: [] }
  }
  return { items: [...items.values()], warnings: [`only the first ${items.size} of ${path} were read`] }
}
