import type { Language } from '../../gateway/present/language.ts'
import type { Line } from '../terminal/line.ts'
import type { Texts } from '../../gateway/present/texts.ts'

/** The context of client commands. Set by the entry point, so that commands do not access the environment or streams. */
export interface ClientContext {
  environment: Readonly<Record<string, string | undefined>>
  /** `DATA_DIR`: holds the endpoints of a running platform, and tokens */
  dataDir: string
  /** language of texts for people */
  language: Language
  /** width of the terminal; Infinity without one */
  columns: number
  /** prints one line; plain strings are escaped */
  print(line: Line): void
  /** redraws the growing lines below the output; no-op without a terminal */
  grow(lines: readonly Line[]): void
  /** one line on standard error: progress and hints */
  note(line: Line): void
  readStdin(): Promise<string>
  /** asks a yes/no question; null without a terminal */
  askYes: ((question: string) => Promise<boolean>) | null
  now(): number
}

export interface CommandErrorOptions extends ErrorOptions {
  details?: readonly string[]
  /** error code of the gateway; default: COMMAND_FAILED */
  code?: string
  /** default: 1 */
  exitCode?: number
}

/**
 * An expected failure of a command; the entry point prints it in the output language and exits with 1. A plain string is a message of
 * another system. Each text is one line; `details` are lines below it. `code` is for scripts.
 */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly texts: Texts
  readonly details: readonly string[]
  readonly code: string
  readonly exitCode: number
  constructor(said: Texts | string, options: CommandErrorOptions = {}) {
    const { details = [], code = 'COMMAND_FAILED', exitCode = 1 } = options
    const texts = typeof said === 'string' ? { en: said, 'zh-TW': said } : said
    super(texts.en, options)
    this.texts = texts
    this.details = details
    this.code = code
    this.exitCode = exitCode
  }
}

/** Options of every client command. */
export interface ClientOptions {
  gateway?: string
  json?: boolean
}
