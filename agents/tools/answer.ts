/** Runs a tool call: measures its duration and turns an error into a `failed` result. */
import { z } from 'zod'
import { headline, type ToolCall, type ToolResult } from '../runtime/tool-result.ts'
import { notes } from './notes.ts'

/** What a call returned; `data` null: the source answered and has no data. */
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

/** Called as soon as the real query is known, so that a failure reports it too. */
export type Ran = (about: { query: string; link?: string | null }) => void

/** Never throws: a failure becomes a `failed` result with the source's full error. */
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

/** Limits on the text a source reports about itself: its content and length are not ours to trust. */
const LONGEST_TEXT = 2000
const LONGEST_ERROR = 64 * 1024
const MOST_WARNINGS = 50

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most).toWellFormed()} … (cut)`

const few = (warnings: readonly string[]): string[] => {
  const told = warnings.slice(0, MOST_WARNINGS).map((one) => cut(one, LONGEST_TEXT))
  return warnings.length <= MOST_WARNINGS ? told : [...told, notes.moreWarnings(warnings.length - MOST_WARNINGS)]
}

/** The error message with the messages of its causes: if a connection failed, only the cause says why. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message || error.name
  const cause = error.cause === undefined ? '' : wordsOf(error.cause)
  return message.includes(cause) ? message : `${message}: ${cause}`
}

/** Mismatches reported per answer: one mistake often repeats in every item and would fill megabytes, more than an event may carry. */
const TOLD = 5

/** Throws with the path of each mismatch: an answer in an unexpected format is a failure, not an empty answer. */
export function parsed<T>(schema: z.ZodType<T>, what: string, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const { issues } = result.error
  const told = z.prettifyError(new z.ZodError(issues.slice(0, TOLD)))
  const more = issues.length > TOLD ? `\n… and ${issues.length - TOLD} more` : ''
  throw new Error(`unexpected format of ${what}: ${told}${more}`)
}
