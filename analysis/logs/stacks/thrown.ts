/** One exception of a logged stack trace. */
export interface Thrown {
  /** e.g. java.lang.IllegalStateException, TypeError, panic */
  type: string
  message: string
  /** innermost first */
  frames: readonly string[]
}

const NAMED =
  /(?:^|[\s:[(])((?:[A-Za-z_$][\w$]*\.)*[A-Z][\w$]*(?:Exception|Error|Throwable|Interrupt))(?: \(0x[\dA-Fa-f]{1,16}\))?(?::\s*([^\n]*))?/

/** The first exception named in a text, recognised by the ending of its name. */
export function namedIn(text: string): Omit<Thrown, 'frames'> | null {
  const found = NAMED.exec(text)
  return found === null ? null : { type: found[1] ?? '', message: (found[2] ?? '').trim() }
}
