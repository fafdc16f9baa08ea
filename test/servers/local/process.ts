import { execFile, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Instance } from '../server.ts'

/** A start takes seconds; this only ends the wait for a server that never answers, on a busy machine too. */
const START_MS = 300_000

const run = promisify(execFile)

/** How a server is started, and how its readiness is checked. */
export type Command = {
  title: string
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Account to run as, if it refuses root. */
  account?: { uid: number; gid: number } | undefined
  /** Output since the last start, shown if it does not come up. */
  log: string
  ready: () => Promise<boolean>
  stopSignal?: NodeJS.Signals
}

const gone = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/** Pids of its child processes: PostgreSQL has one per connection. */
async function children({ pid }: ChildProcess): Promise<number[]> {
  // pgrep exits with 1 if there are none.
  const { stdout } = await run('pgrep', ['-P', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

async function signalAll(child: ChildProcess, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  // The parent first, so that it starts no more children.
  child.kill(signal)
  for (const pid of await children(child)) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // it has ended meanwhile
      if ((error as { code?: unknown }).code !== 'ESRCH') throw error
    }
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (gone(child)) return
  const ended = once(child, 'exit')
  child.kill(signal)
  // A stopped process cannot handle signals; continue it, so that the end of the run does not hang.
  await signalAll(child, 'SIGCONT').catch(() => undefined)
  const killer = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(killer)
}

const lastLines = async (log: string) => (await readFile(log, 'utf8')).trimEnd().split('\n').slice(-15).join('\n')

const answers = async (probe: () => Promise<boolean>) => {
  try {
    return await probe()
  } catch {
    return false
  }
}

function spawnServer(command: Command): ChildProcess {
  const log = openSync(command.log, 'w')
  const child = spawn(command.command, command.args, {
    ...(command.account ?? {}),
    ...(command.cwd ? { cwd: command.cwd } : {}),
    env: { ...process.env, ...command.env },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  return child
}

/** `tries`: after a SIGKILL a lock or port may stay taken for a moment, so a restart is tried more than once. */
async function up(command: Command, tries: number): Promise<ChildProcess> {
  const deadline = Date.now() + START_MS
  const child = spawnServer(command)
  let failure: Error | undefined
  child.on('error', (error) => (failure = error))
  while (!(await answers(command.ready))) {
    if (failure) throw new Error(`${command.title} cannot be run: ${failure.message}`)
    if (gone(child) && tries > 1) {
      await wait(500)
      return up(command, tries - 1)
    }
    if (gone(child) || Date.now() > deadline) {
      await end(child, 'SIGKILL')
      throw new Error(`${command.title} does not answer. Its last lines:\n${await lastLines(command.log)}`)
    }
    await wait(100)
  }
  return child
}

/** Starts a local server and returns its handle once it answers. */
export async function startProcess(command: Command): Promise<Instance> {
  let child = await up(command, 1)
  return {
    get pid() {
      return child.pid ?? null
    },
    stop: () => end(child, command.stopSignal ?? 'SIGTERM'),
    kill: () => end(child, 'SIGKILL'),
    async start() {
      if (gone(child)) child = await up(command, 10)
    },
    suspend: () => signalAll(child, 'SIGSTOP'),
    resume: () => signalAll(child, 'SIGCONT'),
  }
}
