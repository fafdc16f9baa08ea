/** JSON parsing with the position of errors. */
import { visit } from 'jsonc-parser'
import { RecordingError, type Place } from './recording-error.ts'

/** Nesting depth. Anything deeper is malicious: recursive code would overflow the stack on it. */
export const DEEPEST = 100

/** `line`: the number of the first line of `text` in its file. Throws `RecordingError` with line and column. */
export function parseJson(text: string, file: string, line = 1): unknown {
  const deep = tooDeepAt(text)
  if (deep !== null)
    throw new RecordingError('invalid', placeAt(text, deep, file, line), `nested deeper than ${DEEPEST} levels`)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RecordingError(
      'invalid',
      placeAt(text, firstMistake(text), file, line),
      (error as SyntaxError).message.slice(0, 200),
      { cause: error },
    )
  }
}

/** Offset at which the nesting exceeds `DEEPEST`; null: nowhere. An unclosed string ends with its line. */
export function tooDeepAt(text: string): number | null {
  if (!mayBeDeep(text)) return null
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const one = text[at]
    if (one === '"') at = endOfText(text, at + 1)
    else if (one === '[' || one === '{') depth += 1
    else if (one === ']' || one === '}') depth -= 1
    if (depth > DEEPEST) return at
  }
  return null
}

function endOfText(text: string, from: number): number {
  let at = from
  for (; at < text.length && text[at] !== '"' && text[at] !== '\n'; at += 1) if (text[at] === '\\') at += 1
  return at
}

/** A cheap test: most texts have fewer brackets than `DEEPEST`. */
function mayBeDeep(text: string): boolean {
  let opened = 0
  for (const bracket of ['{', '['])
    for (let at = text.indexOf(bracket); at !== -1 && opened <= DEEPEST; at = text.indexOf(bracket, at + 1)) opened += 1
  return opened > DEEPEST
}

/** Offset of the first syntax error, because `JSON.parse` reports a position for some errors only. */
function firstMistake(text: string): number {
  let offset = text.length
  const stop = (_code: unknown, at: number): never => {
    offset = at
    throw new Error('found')
  }
  try {
    visit(text, { onError: stop }, { disallowComments: true, allowTrailingComma: false })
  } catch {
    // thrown by `stop`
  }
  return offset
}

/** Position of the value with this path or, if it is missing, of its nearest ancestor. */
export function placeOf(text: string, path: readonly PropertyKey[], file: string): Place {
  let nearest = { offset: 0, depth: -1 }
  const look = (offset: number, at: readonly (string | number)[]): boolean => {
    const leadsThere = at.length <= path.length && at.every((key, index) => key === path[index])
    if (leadsThere && at.length > nearest.depth) nearest = { offset, depth: at.length }
    return leadsThere
  }
  visit(text, {
    onObjectBegin: (offset, _length, _line, _character, at) => look(offset, at()),
    onArrayBegin: (offset, _length, _line, _character, at) => look(offset, at()),
    // without these, jsonc-parser skips everything after a branch that was left out
    onObjectEnd: () => undefined,
    onArrayEnd: () => undefined,
    onLiteralValue: (_value, offset, _length, _line, _character, at) => void look(offset, at()),
  })
  return placeAt(text, nearest.offset, file, 1)
}

function placeAt(text: string, offset: number, file: string, line: number): Place {
  let [lines, begins] = [line, 0]
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', begins)) {
    lines += 1
    begins = end + 1
  }
  return { file, line: lines, column: offset - begins + 1 }
}
