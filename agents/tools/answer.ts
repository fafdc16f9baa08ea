/** How every tool words its answer: one place times the call and turns what went wrong into `failed`. */
import { z } from 'zod'
import { headline, type ToolCall, type ToolResult } from '../runtime/tool-result.ts'

/** What a call found; `data` null: the source answered and has nothing. */
export interface Found<T> {
  data: T | null
  summary: string
  query?: string
  link?: string | null
  warnings?: readonly string[]
  /** part of the question failed, as the warnings say */
  incomplete?: boolean
}

export type Asked = Pick<ToolCall, 'tool' | 'operation' | 'query' | 'range'>

/** Told as soon as it is known what is really asked, so that a failure names it too. */
export type Ran = (about: { query: string; link?: string | null }) => void

/** Never throws: the upstream error, in full, is the answer. */
export async function answer<T>(asked: Asked, work: (ran: Ran) => Promise<Found<T>>): Promise<ToolResult<T>> {
  const began = performance.now()
  let ran: { query: string; link?: string | null } = { query: asked.query }
  const call = (found: Partial<Found<T>>): ToolCall => ({
    ...asked,
    query: found.query ?? ran.query,
    link: found.link ?? ran.link ?? null,
    warnings: few(found.warnings ?? []),
    incomplete: found.incomplete ?? false,
    durationMs: performance.now() - began,
  })
  try {
    const found = await work((about) => (ran = about))
    if (found.data === null)
      return { ...call(found), status: 'no_data', summary: cut(found.summary, LONGEST_TEXT), data: null }
    return { ...call(found), status: 'ok', summary: cut(found.summary, LONGEST_TEXT), data: found.data }
  } catch (error) {
    const text = cut(wordsOf(error), LONGEST_ERROR)
    return { ...call({}), status: 'failed', summary: headline(text), error: text, data: null }
  }
}

/** What a source says of itself is told, not stored: it may say anything, and any amount of it. */
const LONGEST_TEXT = 2000
const LONGEST_ERROR = 64 * 1024
const MOST_WARNINGS = 50

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()} … (cut)`

const few = (warnings: readonly string[]): string[] => {
  const told = warnings.slice(0, MOST_WARNINGS).map((one) => cut(one, LONGEST_TEXT))
  return warnings.length <= MOST_WARNINGS ? told : [...told, `… and ${warnings.length - MOST_WARNINGS} more warnings`]
}

/** The message with those of its causes: a failed connection says why only in its cause. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message || error.name
  const cause = error.cause === undefined ? '' : wordsOf(error.cause)
  return message.includes(cause) ? message : `${message}: ${cause}`
}

/** What does not fit of one item seldom fits of the next: more than these would be a message of megabytes, which no event carries. */
const TOLD = 5

/** Throws with the path of what does not fit: an answer in another form is a failure, not an empty one. */
export function parsed<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { issues } = result.error
  const told = z.prettifyError(new z.ZodError(issues.slice(0, TOLD)))
  const more = issues.length > TOLD ? `\n… and ${issues.length - TOLD} more` : ''
  throw new Error(`${what} came in another form: ${told}${more}`)
}
