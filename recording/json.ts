/** JSON with the place of what is wrong in it. */
import { parse, type ParseError } from 'jsonc-parser'
import { RecordingError } from './recording-error.ts'

/** `line`: the number of the first line of `text` in its file. Throws `RecordingError` with line and column. */
export function parseJson(text: string, file: string, line = 1): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const before = text.slice(0, firstMistake(text))
    const at = { file, line: line + before.split('\n').length - 1, column: before.length - before.lastIndexOf('\n') }
    throw new RecordingError('invalid', at, (error as SyntaxError).message.slice(0, 200), { cause: error })
  }
}

/** The engine names a position in some of its messages only. */
function firstMistake(text: string): number {
  const mistakes: ParseError[] = []
  parse(text, mistakes, { disallowComments: true, allowTrailingComma: false })
  return mistakes[0]?.offset ?? text.length
}
