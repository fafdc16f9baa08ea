/** Address of the local PostgreSQL of a data folder, for the platform's other processes; valid while it is down, too. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { openDataDir } from './data-dir.ts'

const settings = z.object({ port: z.int(), password: z.string() })
export type PostgresSettings = z.infer<typeof settings>

const fileOf = (dataDir: string): string => join(dataDir, 'postgres.json')

export const LOCAL_USER = 'sre'
export const LOCAL_DATABASE = 'sre'

export const localUrl = ({ port, password }: PostgresSettings, database: string): string =>
  `postgresql://${LOCAL_USER}:${password}@127.0.0.1:${port}/${database}`

export function readPostgresSettings(dataDir: string): PostgresSettings | null {
  const file = fileOf(dataDir)
  return existsSync(file) ? settings.parse(JSON.parse(readFileSync(file, 'utf8'))) : null
}

export function writePostgresSettings(dataDir: string, made: PostgresSettings): void {
  openDataDir(dataDir)
  writeFileSync(fileOf(dataDir), JSON.stringify(made), { mode: 0o600 })
}

/** URL of the platform's own database in this folder; null: no local PostgreSQL was ever started here. */
export function localPostgresUrl(dataDir: string): string | null {
  const known = readPostgresSettings(dataDir)
  return known === null ? null : localUrl(known, LOCAL_DATABASE)
}
