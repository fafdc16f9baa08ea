import { afterAll, beforeAll, expect, it } from 'vitest'
import { prepareExecutor } from '../../agents/executor/executor.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { runHere } from './run-sre.ts'

let database: Database
let environment: Record<string, string>
beforeAll(async () => {
  database = await createDatabase('freezing')
  environment = { DATABASE_URL: database.url }
})
afterAll(() => database?.drop())

it('freezes, shows the freeze, and lifts it', async () => {
  const sre = (...args: string[]) => runHere(['freeze', ...args], environment)
  expect(await sre('status')).toMatchObject({ code: 1, err: expect.stringContaining('no executor has used') as string })
  await prepareExecutor(database.url)

  expect(await sre('status')).toMatchObject({ code: 0, out: 'nothing is frozen\n' })
  expect((await sre('on')).code).toBe(2)
  const on = await sre('on', '--reason', 'audit week', '--by', 'olivia')
  expect(on).toMatchObject({ code: 0 })
  expect(on.out).toMatch(/^all actions are frozen since \S+ by olivia: audit week\n$/)
  expect(await sre('on', '--reason', 'again')).toMatchObject({ code: 1, err: 'all actions are already frozen\n' })
  expect((await sre('on', '--tenant', 'shop', '--reason', 'theirs', '--json')).code).toBe(0)
  expect(JSON.parse((await sre('status', '--json')).out)).toMatchObject([
    { tenant: null, by: 'olivia', reason: 'audit week' },
    { tenant: 'shop', reason: 'theirs' },
  ])
  expect((await sre('off')).out).toMatch(/^actions of shop are frozen/)
  expect(await sre('off', '--tenant', 'shop')).toMatchObject({ code: 0, out: 'nothing is frozen\n' })
  expect(await sre('off')).toMatchObject({ code: 1, err: expect.stringContaining('there is no freeze') as string })
  expect((await sre('--help')).out).toContain('stop all actions')
})
