/** Reads log lines page by page, newest first, without duplicates at page boundaries. */
import { z } from 'zod'
import type { TimeRange } from '../../../analysis/observations.ts'
import { entries, items } from '../../../recording/items.ts'
import { cutMessage, LONGEST_MESSAGE } from '../../../recording/log-lines.ts'
import { parsed } from '../answer.ts'
import { HttpError } from '../http-error.ts'
import type { Http } from '../http.ts'
import { toMs, toNanoseconds } from '../nanoseconds.ts'
import type { CallContext, LogEntry } from '../tools.ts'
import { entryOf } from './line.ts'
import { notes } from '../notes.ts'

export interface Reading {
  logql: string
  range: TimeRange
  service: string
  /** most lines to return */
  limit: number
  wanted(line: LogEntry): boolean
}

/** Loki's default limit per query; a server may allow fewer. */
const PAGE = 5000
/** Most lines to scan for wanted ones. */
const MAX_READ = 50_000

const instant = z.string().regex(/^\d{1,19}$/)
const streams = z.looseObject({
  data: z.looseObject({
    result: items(
      z.looseObject({
        stream: entries(z.string()),
        values: items(z.union([z.tuple([instant, z.string()]), z.tuple([instant, z.string(), z.looseObject({})])])),
      }),
    ),
  }),
  warnings: items(z.string()).nullish(),
})

/**
 * `complete`: every line of the range was read. A page may end within one timestamp, so the next page starts with that timestamp and skips lines
 * already seen. Lines are in ascending order.
 */
export async function readLines(
  http: Http,
  { logql, range, service, limit, wanted }: Reading,
  context: CallContext,
): Promise<{ lines: LogEntry[]; complete: boolean; warnings: string[] }> {
  const lines: LogEntry[] = []
  const said = new Set<string>()
  const done = (...cut: string[]) => ({
    lines: lines.slice(0, limit).reverse(),
    complete: cut.length === 0,
    warnings: [...said, ...(shortened === 0 ? [] : [notes.longLines(shortened, LONGEST_MESSAGE)]), ...cut],
  })
  let shortened = 0
  let read = 0
  let allowed = PAGE
  let end = toNanoseconds(range.end)
  let boundary = new Set<string>()
  while (lines.length < limit) {
    if (read >= MAX_READ) return done(notes.searchedLines(read))
    const asked = Math.min(PAGE, limit - lines.length + boundary.size)
    const page = await readPage(http, { logql, start: toNanoseconds(range.start), end, limit: asked, allowed }, context)
    allowed = page.allowed
    for (const warning of page.warnings) said.add(warning)
    const fresh = page.rows.filter(({ id }) => !boundary.has(id))
    read += fresh.length
    const inside = fresh.filter(({ time }) => isWithin(toMs(time), range))
    if (inside.length < fresh.length) said.add(notes.linesOutside())
    const wantable = inside.map(({ time, line, stream }) => entryOf(toMs(time), line, stream, service))
    for (const entry of wantable) {
      const message = cutMessage(entry.message)
      if (!wanted({ ...entry, message })) continue
      if (message !== entry.message) shortened++
      lines.push({ ...entry, message })
    }
    const oldest = page.rows.at(-1)
    if (page.rows.length < Math.min(asked, allowed) || oldest === undefined) return done()
    if (fresh.length === 0) return done(notes.oneTimestamp(allowed))
    boundary = new Set(page.rows.filter(({ time }) => time === oldest.time).map(({ id }) => id))
    // the end is exclusive
    end = String(BigInt(oldest.time) + 1n)
  }
  return done(notes.newestLines(limit))
}

/** Allows for timestamps rounded to µs. */
const isWithin = (ms: number, { start, end }: TimeRange): boolean => ms >= Math.floor(start) && ms <= Math.ceil(end)

interface PageQuery {
  logql: string
  start: string
  end: string
  limit: number
  /** lines per page the server allows, as far as known */
  allowed: number
}

async function readPage(http: Http, { logql, start, end, limit, allowed }: PageQuery, context: CallContext) {
  const ask = (lines: number) =>
    http.json(
      { path: 'loki/api/v1/query_range', query: { query: logql, start, end, limit: lines, direction: 'backward' } },
      context,
    )
  const asked = Math.min(limit, allowed)
  const { body, most } = await ask(asked).then(
    (body) => ({ body, most: allowed }),
    async (error: unknown) => {
      const most = allowedIn(error)
      if (most === null || most >= asked) throw error
      return { body: await ask(most), most }
    },
  )
  const { data, warnings } = parsed(streams, "Loki's lines", body)
  const rows = data.result
    .flatMap(({ stream, values }) => {
      const labels = JSON.stringify(stream)
      return values.map(([time, line]) => ({ time, line, stream, id: `${time} ${labels} ${line}` }))
    })
    .sort((a, b) => (BigInt(a.time) < BigInt(b.time) ? 1 : BigInt(a.time) > BigInt(b.time) ? -1 : 0))
  return { rows, allowed: most, warnings: warnings ?? [] }
}

/** The server's limit as its error states it: `max entries limit per query exceeded, limit > max_entries_limit (5000 > 1000)`. */
function allowedIn(error: unknown): number | null {
  if (!(error instanceof HttpError) || error.status !== 400) return null
  const most = /max entries limit[^(]{0,200}\(\d{1,20} > (\d{1,20})\)/.exec(error.message)?.[1]
  return most === undefined || Number(most) < 1 ? null : Number(most)
}
