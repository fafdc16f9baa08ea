/** All components start at the same time on an empty database, without a prior migration. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/free-port.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { runSre } from './run-sre.ts'
import { serve } from './serve.ts'

const PARTS = ['gateway', 'assistant', 'executor', 'assistant', 'executor', 'gateway', 'control-plane']
const ROUNDS = 2

describe('components that start together', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'sre-together-'))
  let database: Database
  beforeAll(async () => void (database = await createDatabase()))
  afterAll(async () => {
    await database.drop()
    rmSync(dataDir, { recursive: true })
  })

  // components do not contact the issuer or the control-plane until they need to
  const environmentOf = async (url: string, part: number): Promise<Record<string, string>> => ({
    DATABASE_URL: url,
    OIDC_ISSUER: 'http://127.0.0.1:1',
    CONTROL_PLANE_URL: 'http://127.0.0.1:1',
    ASSISTANT_CLIENT_SECRET: 'unused',
    EXECUTOR_CLIENT_SECRET: 'unused',
    DECISION_KEYS: 'sre-gateway=http://127.0.0.1:1/jwks.json',
    GATEWAY_PORT: String(await freePort()),
    CONTROL_PLANE_PORT: String(await freePort()),
    DATA_DIR: join(dataDir, String(part)),
  })

  it.each(Array.from({ length: ROUNDS }, (_, round) => round + 1))(
    'all start on an empty database, round %i',
    async () => {
      const empty = await createDatabase()
      const started = await Promise.allSettled(
        PARTS.map(async (part, index) => serve(part, await environmentOf(empty.url, index))),
      )
      const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const codes = await Promise.all(running.map((part) => part.stop()))
      await empty.drop()
      expect(started.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))).toEqual([])
      expect(codes).toEqual(PARTS.map(() => 0))
    },
    240_000,
  )

  it('find their schemas made by sre migrate, which can be repeated', async () => {
    const runs = await Promise.all([1, 2, 3].map(() => runSre(['migrate', '--json'], { DATABASE_URL: database.url })))
    const schemas =
      'bus runtime evidence executor changes postmortem anomaly dbos gateway gateway_requests control_plane'.split(' ')
    for (const { code, out, err } of runs)
      expect({ code, err, said: code === 0 ? JSON.parse(out) : out }).toEqual({ code: 0, err: '', said: { schemas } })
    const client = new Client({ connectionString: database.url })
    await client.connect()
    const { rows } = await client.query<{ schema_name: string }>('SELECT schema_name FROM information_schema.schemata')
    await client.end()
    expect(rows.map((row) => row.schema_name)).toEqual(expect.arrayContaining(schemas))
    const { out } = await runSre(['migrate', '--language', 'zh-TW'], { DATABASE_URL: database.url })
    expect(out).toContain('Schema 已是最新')
  }, 240_000)
})
