/** An external database: the watch waits for it, but not forever. */
import { expect, test } from 'vitest'
import { DatabaseGone, watchDatabase } from '../../embedded/database-watch.ts'
import { until } from '../lab/until.ts'
import { startPrivatePostgres } from '../servers/postgres.ts'

test('a database that goes down and comes back is reported once each, and one that stays down ends the watch', async () => {
  const server = await startPrivatePostgres()
  const told: string[] = []
  const news = { onLost: (why: string) => told.push(`lost: ${why}`), onBack: () => told.push('back') }
  const watching = watchDatabase({ url: server.url, everyMs: 50, ...news })
  await server.stop()
  await until(() => told.length > 0)
  await server.start()
  await until(() => told.includes('back'))
  expect(told).toEqual([expect.stringMatching(/^lost: ./), 'back'])
  await watching.stop()

  const impatient = watchDatabase({ url: server.url, everyMs: 50, limitMs: 200, ...news })
  await server.stop()
  expect((await impatient.failed).message).toMatch(/^the database did not come back within 0.2 s: ./)
  await impatient.stop()

  let tries = 0
  const revive = async () => {
    tries += 1
    throw tries < 3 ? new Error('not yet') : new DatabaseGone('the data is gone')
  }
  const hopeless = watchDatabase({ url: server.url, everyMs: 50, revive, ...news })
  expect((await hopeless.failed).message).toBe('the data is gone')
  expect(tries).toBe(3)
  await hopeless.stop()
}, 180_000)
