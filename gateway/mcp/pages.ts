/** Pages of one answer. Stateless: a cursor is a place in the text and what identifies the text. */
import { createHash, randomBytes } from 'node:crypto'
import { visibleLines } from '../../schemas/visible.ts'
import { ApiError, conflict } from '../errors.ts'
import { refusals } from '../present/texts.ts'
import { mcp as texts } from './texts.ts'
import { countTokens, fitting } from './tokens.ts'

/** Estimated tokens of one answer. Clients cut answers off, or fill a model's context with them. */
export const ANSWER_TOKENS = 8000
/** for everything but the data: notes, delimiters and cursor */
const AROUND_TOKENS = 600

export interface Page {
  /** delimited, so that nothing in it can be taken for an instruction of the platform */
  text: string
  /** null: it is the last page */
  next: string | null
}

/** One page of text that came from outside: invisible characters are escaped, and only this answer knows how its end is marked. */
export function pageOf(whole: string, cursor: string | undefined, tokens = ANSWER_TOKENS): Page {
  const identity = createHash('sha256').update(whole).digest('hex').slice(0, 12)
  const start = cursor === undefined ? 0 : placeOf(cursor, whole, identity)
  const end = endOf(whole, start, tokens - AROUND_TOKENS)
  const name = `data-${randomBytes(8).toString('hex')}`
  return {
    text: `<${name}>\n${visibleLines(whole.slice(start, end))}\n</${name}>`,
    next: end < whole.length ? `${end}-${identity}` : null,
  }
}

function placeOf(cursor: string, whole: string, identity: string): number {
  const [, place, of] = /^(\d{1,12})-([0-9a-f]{12})$/.exec(cursor) ?? []
  if (place === undefined)
    throw new ApiError('VALIDATION_ERROR', refusals.notDescribed('body'), {
      details: [{ field: 'cursor', message: texts.noCursor }],
    })
  if (of !== identity || Number(place) >= whole.length) throw conflict(texts.changed)
  return Number(place)
}

/** Escaping makes text longer, so a page with many invisible characters is shortened until it fits. */
function endOf(whole: string, start: number, tokens: number): number {
  let end = start + fitting(whole, start, tokens)
  while (end - start > 1 && countTokens(visibleLines(whole.slice(start, end))) > tokens)
    end = start + Math.ceil((end - start) / 2)
  if (end >= whole.length) return whole.length
  const page = whole.slice(start, end)
  const boundary = Math.max(...[',', '\n', ' '].map((one) => page.lastIndexOf(one))) + 1
  if (boundary > page.length / 2) return start + boundary
  // not inside a surrogate pair
  return /[\ud800-\udbff]/.test(whole[end - 1] ?? '') && end - start > 1 ? end - 1 : end
}
