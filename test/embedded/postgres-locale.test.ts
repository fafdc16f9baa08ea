import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterEach, expect, test, vi } from 'vitest'
import { type LocalPostgres, startLocalPostgres } from '../../embedded/postgres.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'postgres-locale-'))
let postgres: LocalPostgres | undefined
afterEach(async () => {
  await postgres?.close()
  vi.unstubAllEnvs()
  rmSync(dataDir, { recursive: true })
})

test('starts whatever the locale of the terminal, installed or not', { timeout: 180_000 }, async () => {
  for (const name of ['LANG', 'LC_ALL', 'LC_MESSAGES']) vi.stubEnv(name, 'zh_TW.UTF-16')
  postgres = await startLocalPostgres(dataDir)
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  const { rows } = await client.query(`SELECT current_setting('server_encoding') AS encoding, '購物車' AS text`)
  await client.end()
  expect(rows).toEqual([{ encoding: 'UTF8', text: '購物車' }])
})
