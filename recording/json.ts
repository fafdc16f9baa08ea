/** JSON with the place of what is wrong in it. */
import { findNodeAtLocation, parse, parseTree, type ParseError } from 'jsonc-parser'
import { RecordingError, type Place } from './recording-error.ts'

/** `line`: the number of the first line of `text` in its file. Throws `RecordingError` with line and column. */
export function parseJson(text: string, file: string, line = 1): unknown {
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

/** The engine names a position in some of its messages only. */
function firstMistake(text: string): number {
  const mistakes: ParseError[] = []
  parse(text, mistakes, { disallowComments: true, allowTrailingComma: false })
  return mistakes[0]?.offset ?? text.length
}

/** Where the value with this path is; of one that is missing, where the nearest around it begins. */
export function placeOf(text: string, path: readonly PropertyKey[], file: string): Place {
  const root = parseTree(text)
  const keys = path.map((key) => (typeof key === 'number' ? key : String(key)))
  for (let length = keys.length; root !== undefined && length >= 0; length -= 1) {
    const found = findNodeAtLocation(root, keys.slice(0, length))
    if (found !== undefined) return placeAt(text, found.offset, file, 1)
  }
  return { file, line: 1, column: 1 }
}

function placeAt(text: string, offset: number, file: string, line: number): Place {
  const before = text.slice(0, offset)
  return { file, line: line + before.split('\n').length - 1, column: before.length - before.lastIndexOf('\n') }
}
