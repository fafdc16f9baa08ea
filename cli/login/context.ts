/** What the commands of a person stand on; the entry point fills it, so that no command reads the environment or a stream itself. */
export interface ClientContext {
  environment: Readonly<Record<string, string | undefined>>
  /** `DATA_DIR`: where a running platform says where it is, and where tokens are kept */
  dataDir: string
  /** one line of output */
  print(line: string): void
  /** one line beside the output: progress and hints */
  note(line: string): void
  readStdin(): Promise<string>
  now(): number
}

/** A mistake of the person at the terminal, or an answer that is no; the entry point prints `message` and exits with 1. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
}

export type Language = 'en' | 'zh-TW'

/** Options every command of a person has. */
export interface ClientOptions {
  gateway?: string
  json?: boolean
  language: Language
}
