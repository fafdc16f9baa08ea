import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Pool } from 'pg'
import { openPool } from '../../bus/postgres/pool.ts'
import { createDatabase } from '../servers/postgres.ts'

describe('a pool', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>
  let pool: Pool
  beforeAll(async () => {
    database = await createDatabase('prepared')
    pool = openPool({ connectionString: database.url, max: 1 })
    await pool.query('CREATE TABLE words (id integer PRIMARY KEY, word text)')
  }, 180_000)
  afterAll(async () => {
    await pool?.end()
    await database?.drop()
  })

  const prepared = async () =>
    (await pool.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')).rows.map((row) => row.statement) // prettier-ignore

  it('prepares a statement with parameters once and returns the right result each time', async () => {
    const add = 'INSERT INTO words (id, word) VALUES ($1, $2) RETURNING word'
    const added = []
    for (const [id, word] of ['one', 'two', 'three'].entries())
      added.push((await pool.query<{ word: string }>(add, [id, word])).rows[0]?.word)
    expect(added).toEqual(['one', 'two', 'three'])
    expect(await prepared()).toEqual([add])
  })

  it('throws the usual error, and the statement keeps working', async () => {
    const add = 'INSERT INTO words (id, word) VALUES ($1, $2) RETURNING word'
    await expect(pool.query(add, [1, 'again'])).rejects.toMatchObject({ code: '23505' })
    expect((await pool.query(add, [9, 'nine'])).rows).toEqual([{ word: 'nine' }])
  })

  it('still runs a SELECT * after a migration changed its columns', async () => {
    const all = 'SELECT * FROM words WHERE id = $1'
    expect((await pool.query(all, [9])).rows).toEqual([{ id: 9, word: 'nine' }])
    await pool.query('ALTER TABLE words ADD size integer')
    expect((await pool.query(all, [9])).rows).toEqual([{ id: 9, word: 'nine', size: null }])
  })
})
