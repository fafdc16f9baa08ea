import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { buffer, text } from 'node:stream/consumers'
import { run } from '../../cli/run.ts'
import { compiled } from '../crash/environment.ts'

export interface Ran {
  code: number | null
  out: string
  err: string
}

const root = join(import.meta.dirname, '../..')

const measured = (): Record<string, string> => {
  const { NODE_V8_COVERAGE: coverage } = process.env
  return coverage === undefined ? {} : { NODE_V8_COVERAGE: coverage }
}

/** A separate process, with only PATH of this environment, and what measures its coverage. */
function start(command: string, args: readonly string[], environment: Record<string, string>, how = measured()) {
  const { PATH = '' } = process.env
  return spawn(command, args, { cwd: root, env: { PATH, ...how, ...environment }, stdio: ['pipe', 'pipe', 'pipe'] })
}

/** The command line as a person starts it. */
export const startSre = (args: readonly string[], environment: Record<string, string> = {}) =>
  start(join(root, 'cli/sre.sh'), args, environment)

/** The first command of the README. */
export const startNpm = (args: readonly string[], environment: Record<string, string>) =>
  start('npm', ['start', '--', ...args], environment)

/** `npx sre`, which runs it in a shell. */
export const startNpx = (args: readonly string[], environment: Record<string, string> = {}) =>
  start('npx', ['sre', ...args], environment)

/** Runs a process to its end. */
export const runSre = (args: readonly string[], environment: Record<string, string> = {}, input = ''): Promise<Ran> =>
  ended(startSre(args, environment), input)

/** The same in half the time, for tests of commands whose coverage other tests measure. */
export const runUnmeasured: typeof runSre = (args, environment = {}, input = '') =>
  ended(start(join(root, 'cli/sre.sh'), args, environment, compiled), input)

/** The same in this process: without a start, and measured with the test. Not for commands that run until they are stopped. */
export async function runHere(
  args: readonly string[],
  environment: Record<string, string> = {},
  input = '',
): Promise<Ran> {
  const [out, err] = [new PassThrough(), new PassThrough()]
  const said = Promise.all([text(out), text(err)])
  const answers = { readStdin: async () => input, askYes: async () => input.startsWith('y'), inIsTerminal: false }
  const { exitCode } = await run(args, { environment, out, err, ...answers })
  out.end()
  err.end()
  const [printed, noted] = await said
  return { code: exitCode, out: printed, err: noted }
}

/** With a pipe for its standard input, as a shell makes it, and the file in it. */
export const runPiped = (
  file: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ran> =>
  ended(
    start('sh', ['-c', 'cat "$1" | { shift; "$@"; }', 'sh', file, join(root, 'cli/sre.sh'), ...args], environment),
    '',
  )

/** A program other than the command line: its file and its arguments. */
export const runProgram = (args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> =>
  ended(start(process.execPath, args, environment), '')

async function ended(child: ReturnType<typeof start>, input: string): Promise<Ran> {
  child.stdin.end(input)
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  const [out, err] = await Promise.all([buffer(child.stdout), text(child.stderr)])
  return { code: await code, out: out.toString('utf8'), err }
}

/** Rows of unquoted CSV, including the header. */
export const rowsOf = (csv: string): string[][] =>
  csv
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','))
