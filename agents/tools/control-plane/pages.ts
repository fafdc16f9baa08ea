import { z } from 'zod'
import { parsed } from '../answer.ts'
import type { Http } from '../http.ts'
import type { CallContext } from '../tools.ts'
import { notes } from '../notes.ts'

const PAGE_SIZE = 100
/** A longer list is cut, with a warning. */
const MAX_PAGES = 50

const bare = z.array(z.unknown())
const paged = z.looseObject({
  items: bare,
  pagination: z.looseObject({ total: z.number().optional(), total_pages: z.number().optional() }).nullish(),
})

/**
 * Reads every page of `{items, pagination}`, or the bare array of an older control-plane. Without a total it reads until a page adds nothing new,
 * because the server chooses the page size and some servers ignore paging and repeat the first page.
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
  return { items: [...items.values()], warnings: [notes.firstItems(items.size, path)] }
}
