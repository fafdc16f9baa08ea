/** Go and Rust panics, and Go errors logged with a stack trace. */
import { namedIn, type Thrown } from './thrown.ts'

const SAID = /(?:^|\s)(?:panic(?: serving \S+)?|fatal error):\s+(.*)/
const AGAIN = / \[recovered.*/
const GOROUTINE = /^\s*goroutine \d+ \[/
const GO_FRAME = /^\s+(?:->\s+)?(\S+\.go:\d+)/
/** Frames above this one handle the panic; with several, the frames of the first panic are below the last. */
const PANICKED = /^\s*(?:->\s+)?(?:panic\(|runtime\.(?:gopanic|sigpanic|panicmem|goPanic\w*)(?:\(|$))/
const CREATED = /^\s*(?:->\s+)?created by /
const RUST = /thread '[^']*' (?:\(\d+\) )?panicked at (?:'(.*)', )?([^\s':]+:\d+:\d+)/
const RUST_FRAME = /^\s+at (\S+:\d+:\d+)$/

/** null: no panic. */
export const panicIn = (lines: readonly string[]): Thrown | null => ofRust(lines) ?? ofGo(lines)

function ofGo(lines: readonly string[]): Thrown | null {
  const { frames, isPanic } = goroutineOf(lines)
  const said = lines.map((line) => SAID.exec(line)?.[1]).find((one) => one !== undefined)
  if (said !== undefined) return { type: 'panic', message: said.trim().replace(AGAIN, ''), frames }
  if (frames.length === 0 && !isPanic) return null
  const [first = ''] = lines
  if (isPanic) return { type: 'panic', message: first.trim(), frames }
  return { ...(namedIn(first) ?? { type: 'error', message: first.trim() }), frames }
}

/** Frames of the first goroutine, which is the one that failed. */
function goroutineOf(lines: readonly string[]): { frames: string[]; isPanic: boolean } {
  let frames: string[] = []
  let isPanic = false
  for (const line of lines) {
    if ((frames.length > 0 && GOROUTINE.test(line)) || CREATED.test(line)) break
    if (PANICKED.test(line)) [frames, isPanic] = [[], true]
    const frame = GO_FRAME.exec(line)?.[1]
    if (frame !== undefined) frames.push(frame)
  }
  return { frames, isPanic }
}

function ofRust(lines: readonly string[]): Thrown | null {
  const at = lines.findIndex((line) => line.includes('panicked at '))
  const [, said, place] = (at < 0 ? null : RUST.exec(lines[at]!)) ?? []
  if (place === undefined) return null
  const backtrace = lines.slice(at + 1).flatMap((line) => RUST_FRAME.exec(line)?.[1] ?? [])
  return { type: 'panic', message: (said ?? lines[at + 1] ?? '').trim(), frames: [place, ...backtrace] }
}
