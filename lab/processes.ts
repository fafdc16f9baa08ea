/** One child process of the lab: started with an empty environment, ready when it says so, stopped gracefully, then by force. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { z } from 'zod'
import { LabError } from './lab-error.ts'
import type { ShopSpan } from './shop/spans.ts'

export interface ShopProcess {
  readonly pid: number
  /** base URL it listens on; empty if it does not serve */
  readonly address: string
  /** sends it a message (lab/shop/supervised.ts) */
  tell(message: object): void
  /** resolves when it has ended, for any reason */
  readonly ended: Promise<void>
  /** SIGTERM, and SIGKILL after `graceMs`; idempotent */
  stop(graceMs?: number): Promise<void>
}

export interface ProcessOptions {
  /** path of the entry below `lab/` */
  entry: string
  args: readonly string[]
  startLimitMs: number
  /** called with each raw line */
  onLine(line: string, stream: 'stdout' | 'stderr'): void
  /** called for each request it answered */
  onSpan?(span: ShopSpan): void
}

/** Small heaps: the services use little memory, and its level is stable from the start. */
const smallHeap = ['--max-semi-space-size=1', '--max-old-space-size=64']

const listening = z.object({ type: z.literal('listening'), address: z.string() })
const isSpan = (message: unknown): message is { span: ShopSpan } =>
  typeof message === 'object' && message !== null && 'type' in message && message.type === 'span'

/** Resolves when the process is ready. Throws `LabError` `not_ready` with its last output if it ends or the limit passes. */
export async function startProcess(options: ProcessOptions): Promise<ShopProcess> {
  const child = spawn(process.execPath, [...smallHeap, join(import.meta.dirname, options.entry), ...options.args], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const lastWords: string[] = []
  readLines(child, (line, stream) => {
    if (stream === 'stderr') lastWords.splice(0, lastWords.length - 20, line)
    options.onLine(line, stream)
  })
  child.on('message', (message) => {
    if (isSpan(message)) options.onSpan?.(message.span)
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const stop = stopper(child, ended)
  try {
    const address = await readiness(child, options.startLimitMs)
    return {
      pid: child.pid ?? -1,
      address,
      ended,
      stop,
      tell: (message) => {
        if (child.connected) child.send(message, () => undefined)
      },
    }
  } catch (error) {
    await stop(0)
    const words = lastWords.length > 0 ? `: ${lastWords.join('\n')}` : ''
    throw new LabError('not_ready', `${options.args.join(' ')} did not become ready${words}`, { cause: error })
  }
}

function readLines(child: ChildProcess, onLine: ProcessOptions['onLine']): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    const input = child[stream]
    if (input) createInterface({ input }).on('line', (line) => onLine(line, stream))
  }
}

async function readiness(child: ChildProcess, limitMs: number): Promise<string> {
  const signal = AbortSignal.timeout(limitMs)
  const over = new AbortController()
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`ended with ${String(code)}`)
  })
  try {
    const [message] = await Promise.race([once(child, 'message', { signal }), ended])
    return listening.parse(message).address
  } finally {
    over.abort()
    ended.catch(() => undefined)
  }
}

function stopper(child: ChildProcess, ended: Promise<void>) {
  return async (graceMs = 4_000): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), graceMs)
    await ended
    clearTimeout(late)
  }
}
