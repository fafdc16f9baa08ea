/** One run of `sre`, in any process. */
import { Command, CommanderError } from 'commander'
import type { Surface } from './analyze/surface.ts'
import { readConfig } from './config.ts'
import { addDataDir } from './data-dir.ts'
import { groupsOf } from './groups.ts'
import { addLanguage } from './language.ts'
import { CommandError, type ClientContext } from './login/context.ts'
import { visibleLines } from '../schemas/visible.ts'
import { type Line, shown } from './terminal/line.ts'
import { createScreen, type Output } from './terminal/screen.ts'
import { version } from './version.ts'
import { usageLines } from './usage-errors.ts'

/** What a run takes from its process. */
export interface Surroundings extends Pick<ClientContext, 'readStdin'> {
  environment: Readonly<Record<string, string | undefined>>
  out: Output
  err: Output
  /** asks a yes/no question on standard input, which need not be a terminal */
  askYes(question: string): Promise<boolean>
  inIsTerminal: boolean
}

export interface Outcome {
  exitCode: number
  /** it ended with an error: a component that it started may still keep the process alive */
  failed: boolean
}

const HINT = '(add --help for help)'
const written = (line: Line): string => `${shown(line)}\n`
const refusal = (error: string, message: string, details: readonly string[] = []): string =>
  written(JSON.stringify({ error, message, details: details.map((one) => one.replace(/^ *- /, '')) }))

/** `args` are those after the program's name. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<Outcome> {
  const { environment: given, out, err, readStdin, askYes, inIsTerminal } = surroundings
  /** With `--json`, errors are JSON too: one line on stderr. */
  const asJson = args.includes('--json')
  let exitCode = 0
  const exit = (code: number) => void (exitCode = code)
  const program = new Command('sre')
    .description('diagnose incidents, offline from files or with a running platform')
    .version(version, '--version', 'print the version')
    .showHelpAfterError(asJson ? false : HINT)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void out.write(visibleLines(text)),
      writeErr: (text) => void err.write(visibleLines(text.replace(HINT, () => usageLines(HINT, language()).join('')))),
      outputError: (text, write) => write(usageError(text)),
    })
  const language = addLanguage(program, given)
  const environment = addDataDir(program, given)
  const context: ClientContext = {
    get environment() {
      return environment()
    },
    get dataDir() {
      return readConfig(environment()).DATA_DIR
    },
    get language() {
      return language()
    },
    columns: out.isTTY ? (out.columns ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    ...createScreen(out),
    note: (line) => void err.write(written(line)),
    readStdin,
    askYes: inIsTerminal ? askYes : null,
    now: Date.now,
  }
  const surface: Surface = {
    ...{ out, err, outIsTerminal: out.isTTY === true, errIsTerminal: err.isTTY === true, columns: out.columns || 100 },
    get language() {
      return language()
    },
  }

  /** A usage error quotes what was typed, or a file name from a shell glob, so control characters are escaped. */
  function usageError(english: string): string {
    const lines = usageLines(english, language())
    return asJson ? refusal('USAGE', lines.join('\n').replace(/^(error: |錯誤：)/, '')) : lines.map(written).join('')
  }

  /** 2: usage error; 0: help; 1: any other failure. */
  function exitCodeOf(error: unknown): number {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const lines = error instanceof CommandError ? [error.texts[language()], ...error.details] : linesOf(error)
    const { code, exitCode } = error instanceof CommandError ? error : { code: 'COMMAND_FAILED', exitCode: 1 }
    err.write(asJson ? refusal(code, lines[0] ?? '', lines.slice(1)) : lines.map(written).join(''))
    return exitCode
  }

  try {
    const groups = groupsOf(program, context, { surface, exit, askYes })
    const asked = args.map((word) => groups.find(({ names }) => names.includes(word))).find((one) => one !== undefined)
    const shows = args.includes('--version') ? [] : groups
    for (const { add } of asked === undefined ? shows : [asked]) await add()
    await program.parseAsync([...args], { from: 'user' })
    return { exitCode, failed: false }
  } catch (error) {
    return { exitCode: exitCodeOf(error), failed: true }
  }
}

const linesOf = (error: unknown): readonly string[] =>
  error instanceof Error && error.name === 'ConfigurationError' ? error.message.split('\n') : [String(error)]
