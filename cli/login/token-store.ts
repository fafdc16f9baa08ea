/** Stores tokens by issuer between commands, in a file that only the user can read. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { z } from 'zod'
import { openDataDir } from '../../embedded/data-dir.ts'

const tokens = z.object({
  accessToken: z.string(),
  refreshToken: z.string().nullable(),
  /** ms since the epoch */
  expiresAt: z.number(),
})
export type Tokens = z.infer<typeof tokens>

const fileOf = (dataDir: string): string => join(dataDir, 'tokens.json')

const readAll = (dataDir: string): Record<string, Tokens> =>
  existsSync(fileOf(dataDir))
    ? z.record(z.string(), tokens).parse(JSON.parse(readFileSync(fileOf(dataDir), 'utf8')))
    : {}

export const readTokens = (dataDir: string, issuer: string): Tokens | null => readAll(dataDir)[issuer] ?? null

export function writeTokens(dataDir: string, issuer: string, value: Tokens): void {
  openDataDir(dataDir)
  const next = `${fileOf(dataDir)}.${process.pid}`
  writeFileSync(next, JSON.stringify({ ...readAll(dataDir), [issuer]: value }), { mode: 0o600 })
  renameSync(next, fileOf(dataDir))
}

/** For one command at a time; returns how to let it go. Rejects after 40 s. What a killed command held is free after 10 s. */
export async function lockTokens(dataDir: string): Promise<() => Promise<void>> {
  const retries = { retries: 400, factor: 1, minTimeout: 100 }
  // a machine that slept may have lost it to another command, which has refreshed since
  const release = await lock(fileOf(dataDir), { realpath: false, retries, onCompromised: () => undefined })
  return () => release().catch(() => undefined)
}

/** Deletes the token file, even if it is unreadable, and returns the tokens. */
export function forgetTokens(dataDir: string): Record<string, Tokens> {
  try {
    return readAll(dataDir)
  } catch {
    return {}
  } finally {
    rmSync(fileOf(dataDir), { force: true })
  }
}
