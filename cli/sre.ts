/** `sre`, the command line. Each group of commands is a folder beside this file and adds itself. */
import { text } from 'node:stream/consumers'
import { Command, CommanderError } from 'commander'
import { addAnalyze } from './analyze/analyze-command.ts'
import { addApprovals } from './approvals/approvals-command.ts'
import { readConfig } from './config.ts'
import { addCapacity } from './capacity/capacity-command.ts'
import { addDiagnose } from './diagnose/diagnose-command.ts'
import { CommandError, type ClientContext } from './login/context.ts'
import { askYes } from './dlq/ask.ts'
import { addDlq } from './dlq/dlq-command.ts'
import { addFreeze } from './freeze/freeze-command.ts'
import { addKeys } from './keys/keys-command.ts'
import { addLanguage } from './language.ts'
import { addLogin } from './login/login-command.ts'
import { addSchemas } from './schemas/schemas-command.ts'
import { addServe } from './serve/serve-command.ts'
import { addSessions } from './sessions/sessions-command.ts'
import { addDemo, addStart } from './start/start-command.ts'
import { addTopics } from './topics/topics-command.ts'

const { stdout, stderr } = process
// Whoever reads may stop reading, as `head` does: then there is nothing left to do.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const program = new Command('sre')
  .description('diagnose incidents: offline from files, or with a running platform')
  .showHelpAfterError('(add --help for help)')
  .exitOverride()
const language = addLanguage(program, process.env)

const context: ClientContext = {
  environment: process.env,
  get dataDir() {
    return readConfig(process.env).DATA_DIR
  },
  get language() {
    return language()
  },
  columns: stdout.isTTY ? stdout.columns : Number.POSITIVE_INFINITY,
  print: (line) => void stdout.write(`${line}\n`),
  note: (line) => void stderr.write(`${line}\n`),
  readStdin: () => text(process.stdin),
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

addStart(program, context)
addDemo(program, context)
addServe(program, context)
addAnalyze(program, surface, (code) => void (process.exitCode = code))
addLogin(program, context)
addDiagnose(program, context)
addCapacity(program, context)
addSessions(program, context)
addApprovals(program, context)
addFreeze(program, context)
addTopics(program, context)
addSchemas(program, context)
addKeys(program, context)
addDlq(program, context, askYes)

try {
  await program.parseAsync()
} catch (error) {
  // a part that was started may still hold the process open, or end it as if all were well
  process.exit(exitCodeOf(error))
}

/** Usage is 2, help is 0; what a command itself found wrong is 1. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  stderr.write(`${wordsOf(error)}\n`)
  return 1
}

function wordsOf(error: unknown): string {
  if (error instanceof CommandError) return error.texts[language()]
  return isConfiguration(error) ? (error as Error).message : String(error)
}

function isConfiguration(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConfigurationError'
}
