/** A real Chroma from npm for one machine: data in the data folder, on loopback. The platform runs without it where it cannot run. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { runningPlatform } from './data-dir-lock.ts'
import { freePort } from './ports.ts'

export interface ChromaNews {
  /** it cannot run here, with its own words */
  onOff(why: string): void
  /** it died, and is started again */
  onLost(why: string): void
  onBack(): void
}

export interface LocalChroma {
  url: string
  /** stops the server; its data stays */
  close(): Promise<void>
}

/** ms; on a busy machine too */
const START_MS = 60_000
const STOP_MS = 10_000
const EVERY_MS = 100
/** ms between a death and the next start; doubled while it does not start */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [500, 60_000]
/** Chroma's last output: the reason if a start failed. */
const LAST_CHARACTERS = 500

const placeSchema = z.object({ pid: z.int().positive(), port: z.int().positive() })
const fileOf = (dataDir: string): string => join(dataDir, 'chroma.json')
const urlOf = (port: number): string => `http://127.0.0.1:${port}`

/** Of the platform that runs in the data folder; null: none does, or it has no memory. */
export const chromaBeside = (dataDir: string): string | null => {
  const place = runningPlatform(dataDir) === null ? null : placeIn(dataDir)
  return place === null ? null : urlOf(place.port)
}

function placeIn(dataDir: string): z.infer<typeof placeSchema> | null {
  try {
    return placeSchema.parse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8')))
  } catch {
    return null
  }
}

/** null: it cannot run on this machine, as `onOff` was told. */
export async function startLocalChroma(dataDir: string, news: ChromaNews): Promise<LocalChroma | null> {
  await endLeftOver(dataDir)
  const port = await freePort()
  // Chroma runs in the data folder, and takes relative paths from there
  const folder = resolve(dataDir, 'chroma')
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const config = resolve(dataDir, 'chroma.yaml')
  const settings = [`persist_path: ${JSON.stringify(folder)}`, 'listen_address: 127.0.0.1', `port: ${port}`, 'allow_reset: false'] // prettier-ignore
  writeFileSync(config, `${settings.join('\n')}\n`, { mode: 0o600 })
  const stopped = new AbortController()
  let server: Started

  const begin = () => start(config, port, ({ pid = 0 }) => writeFileSync(fileOf(dataDir), JSON.stringify({ pid, port }), { mode: 0o600 })) // prettier-ignore
  const close = async () => {
    stopped.abort()
    await server.end()
    rmSync(fileOf(dataDir), { force: true })
  }
  const keepUp = async () => {
    for (let waitMs = FIRST_WAIT_MS; ;) {
      const why = await server.ended
      if (stopped.signal.aborted) return
      if (waitMs === FIRST_WAIT_MS) news.onLost(why)
      await delay(waitMs, undefined, { signal: stopped.signal }).catch(() => undefined)
      if (stopped.signal.aborted) return
      server = begin()
      const isUp = (await server.ready) === null
      if (isUp) news.onBack()
      else await server.end()
      waitMs = isUp ? FIRST_WAIT_MS : Math.min(LONGEST_WAIT_MS, waitMs * 2)
    }
  }

  server = begin()
  const why = await server.ready
  if (why !== null) {
    await close()
    news.onOff(why)
    return null
  }
  const keeping = keepUp()
  return { url: urlOf(port), close: () => close().then(() => keeping) }
}

const SILENT = `it did not answer within ${START_MS / 1000} s`

interface Started {
  /** null once it answers; or why it will not */
  ready: Promise<string | null>
  /** its last words */
  ended: Promise<string>
  end(): Promise<void>
}

function start(config: string, port: number, onSpawn: (child: ChildProcess) => void): Started {
  // its command is in dist/, what is required of it in dist/cjs/
  const cli = join(dirname(createRequire(import.meta.url).resolve('chromadb')), '../cli.mjs')
  const child = spawn(process.execPath, [cli, 'run', config], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: dirname(config),
    // Ctrl-C is for the platform, which then ends its parts
    detached: true,
  })
  let words = ''
  const hear = (said: Buffer) => (words = `${words}${said.toString()}`.slice(-LAST_CHARACTERS))
  for (const output of child.stdio) output?.on('data', hear)
  const spoken = () => words.trim().replaceAll(/\s+/g, ' ') || 'it said nothing'
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('close', () => resolve(spoken()))
  })
  child.once('spawn', () => onSpawn(child))
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  return {
    ended,
    ready: Promise.race([answering(port, isGone).then((isUp) => (isUp ? null : isGone() ? ended : SILENT)), ended]),
    async end() {
      if (isGone() || child.pid === undefined) return
      const exit = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await exit
      clearTimeout(timer)
    },
  }
}

/** False: it was gone first, or did not answer in time. */
async function answering(port: number, isGone: () => boolean): Promise<boolean> {
  const deadline = Date.now() + START_MS
  for (; Date.now() < deadline && !isGone(); await delay(EVERY_MS)) if (await answers(port)) return !isGone()
  return false
}

const answers = (port: number): Promise<boolean> =>
  fetch(`${urlOf(port)}/api/v2/heartbeat`, { signal: AbortSignal.timeout(STOP_MS) }).then(
    ({ ok }) => ok,
    () => false,
  )

/** A server that survived its platform's death holds the data: it is ended. It still answers on the noted port, so the pid is its own. */
async function endLeftOver(dataDir: string): Promise<void> {
  const place = placeIn(dataDir)
  if (place === null || !(await answers(place.port))) return
  try {
    process.kill(place.pid, 'SIGTERM')
  } catch {
    return
  }
  const deadline = Date.now() + STOP_MS
  while (Date.now() < deadline && (await answers(place.port))) await delay(EVERY_MS)
}
