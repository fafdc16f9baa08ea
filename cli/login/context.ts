import type { Language } from '../../gateway/present/language.ts'
import type { Line } from '../terminal/line.ts'
import type { Texts } from '../../gateway/present/texts.ts'

/** What the commands of a person stand on; the entry point fills it, so that no command reads the environment or a stream itself. */
export interface ClientContext {
  environment: Readonly<Record<string, string | undefined>>
  /** `DATA_DIR`: where a running platform says where it is, and where tokens are kept */
  dataDir: string
  /** of what people read */
  language: Language
  /** characters a line of the terminal has; without end where nobody looks */
  columns: number
  /** one line of output; one without colours of ours is made visible */
  print(line: Line): void
  /** lines below the output that still grow, in place of those before; nothing where nobody looks */
  grow(lines: readonly Line[]): void
  /** one line beside the output: progress and hints */
  note(line: Line): void
  readStdin(): Promise<string>
  /** whether the person at the terminal says yes; null where nobody sits */
  askYes: ((question: string) => Promise<boolean>) | null
  now(): number
}

export interface CommandErrorOptions extends ErrorOptions {
  details?: readonly string[]
  /** of the gateway where it refused; default: COMMAND_FAILED */
  code?: string
  /** default: 1 */
  exitCode?: number
}

/**
 * A mistake of the person at the terminal, or an answer that is no; the entry point prints it in the person's language and exits with 1. A
 * text alone is another's words, as they came. Each text is one line; `details` are lines below it. `code` is for programs.
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

/** Options every command of a person has. */
export interface ClientOptions {
  gateway?: string
  json?: boolean
}
