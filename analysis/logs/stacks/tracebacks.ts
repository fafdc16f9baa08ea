/** Python tracebacks, root cause first: an exception raised in a handler is printed below the original one. */
import { namedIn, type Thrown } from './thrown.ts'

const BEGINS = 'Traceback (most recent call last)'
/** Exception groups are printed as a tree with a margin. */
const MARGIN = /^[\s|+-]*/
const FRAME = /^File "([^"]+)", line (\d+)(?:, in (\S+))?\r?$/
/** The exception line, at the margin of its traceback, below the frames. */
const TYPE = /^([A-Za-z_][\w.<>]*)(?::(.*))?$/

/** Empty: no traceback. */
export function tracebacksIn(lines: readonly string[]): Thrown[] {
  const found: Thrown[] = []
  let margin = 0
  let frames: string[] | null = null
  for (const line of lines) {
    const indent = MARGIN.exec(line)?.[0].length ?? 0
    const text = line.slice(indent)
    const [, file, number, name] = FRAME.exec(text) ?? []
    if (line.includes(BEGINS)) [frames, margin] = [[], indent]
    // the most recent call is the last
    else if (file !== undefined) (frames ??= []).unshift(`${file}:${number}${name === undefined ? '' : ` ${name}`}`)
    else if (frames !== null && text.trim() !== '' && indent <= margin) {
      const [, type, message = ''] = TYPE.exec(text.trimEnd()) ?? []
      if (type === undefined) continue
      found.push({ type, message: message.trim(), frames })
      frames = null
    }
  }
  // the exception line was cut off, or is not at the margin
  const named = frames === null || frames.length === 0 || found.length > 0 ? null : namedIn(lines.join('\n'))
  if (named !== null) found.push({ ...named, frames: frames ?? [] })
  return [...found.filter((one) => !isGroup(one)), ...found.filter(isGroup)]
}

/** A group is caused by the exceptions in it, so it comes last. */
const isGroup = ({ type }: Thrown): boolean => type.endsWith('ExceptionGroup')
