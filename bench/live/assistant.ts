/** An assistant as its own process, as `sre serve assistant` starts it, of this or another checkout and with a database of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openPool } from '../../bus/postgres/pool.ts'
import { freePort } from '../../embedded/ports.ts'

export interface Assistant {
  pid: number
  databaseUrl: string
  /** throws if it has ended */
  check(): void
  close(): Promise<void>
}

const READY_MS = 600_000

export async function startAssistant(checkout: string, serverUrl: string, database: string): Promise<Assistant> {
  const pool = openPool({ connectionString: serverUrl, max: 1 })
  await pool.query(`CREATE DATABASE ${database}`)
  await pool.end()
  const databaseUrl = Object.assign(new URL(serverUrl), { pathname: database }).href
  const port = await freePort()
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-bench-assistant-'))
  const child = spawn('cli/sre.sh', ['serve', 'assistant'], {
    cwd: checkout,
    // its log lines too
    stdio: ['ignore', 2, 'inherit'],
    env: {
      ...process.env,
      ...{ DATABASE_URL: databaseUrl, HEALTH_PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: 'error' },
    },
  })
  const check = () => {
    const how = child.exitCode ?? child.signalCode
    if (how !== null) throw new Error(`the assistant ended with ${how}`)
  }
  await ready(check, `http://127.0.0.1:${port}/readyz`)
  return {
    pid: child.pid!,
    databaseUrl,
    check,
    async close() {
      const ended = child.exitCode ?? child.signalCode
      if (ended === null && child.kill('SIGTERM')) await once(child, 'exit')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function ready(check: () => void, url: string): Promise<void> {
  for (const limit = Date.now() + READY_MS; Date.now() < limit; await wait(200)) {
    check()
    if (await fetch(url).then(({ ok }) => ok, () => false)) return // prettier-ignore
  }
  throw new Error(`the assistant was not ready within ${READY_MS / 1000} s`)
}
