/** Runs that fail: how their dead letters are reported, and that nothing of a run stays in memory. */
import { randomUUID } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import type { Agent } from '../../agents/runtime/agent.ts'
import { prepareRuntime, type Runtime, startRuntime } from '../../agents/runtime/runtime.ts'
import type { Bus } from '../../bus/bus.ts'
import { createBus, preparePostgresBus } from '../../bus/create.ts'
import { readDeadLetter } from '../../bus/dead-letter.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { diagnosisRequested } from '../events/requests.ts'
import { createDatabase, type Database } from '../servers/postgres.ts'
import { contract } from './counting.ts'
import { keptLog } from './log-lines.ts'

const topic = contract.topicOf('DiagnosisRequested').name
setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void
const inHand: WeakRef<object>[] = []
/** as a limit on time that has not been reached, or a connection that is kept */
const leaveBehind = () => setTimeout(() => undefined, 3_600_000).unref()
const failing: Agent = {
  ...{ name: 'assistant', version: 1, publishes: [] },
  on: {
    async *DiagnosisRequested(request, run) {
      const large = { ...request }
      inHand.push(new WeakRef(large))
      await run.step('look', async () => {
        leaveBehind()
        return Promise.resolve(Object.keys(large).length)
      })
      throw new RangeError('it cannot')
    },
  },
}
let database: Database
let bus: Bus
let runtime: Runtime
const { log, lines } = keptLog()
beforeAll(async () => {
  database = await createDatabase('shortened')
  await preparePostgresBus(database.url, contract)
  await prepareRuntime(database.url)
  bus = await createBus({ kind: 'postgres', databaseUrl: database.url, contract })
  runtime = await startRuntime({ agents: [failing], bus, contract, databaseUrl: database.url, log })
})
afterAll(async () => {
  await runtime?.stop()
  await bus?.close()
  await database?.drop()
})

it.each([
  ['whole', 10, false],
  ['shortened', 3_000_000, true],
])('a dead letter is reported as it was stored: %s', async (_name, characters, shortened) => {
  const key = randomUUID()
  const request = diagnosisRequested({ session_id: key, context: { large: 'x'.repeat(characters) } })
  const { value } = await bus.encode('DiagnosisRequested', request)
  const pool = openPool({ connectionString: database.url, max: 1 })
  // beyond our own publishing limits
  await pool.query(`INSERT INTO bus.records (topic, partition, key, value, headers) VALUES ($1, 0, $2, $3, '{}')`, [
    ...[topic, key, value],
  ])
  await pool.end()
  const letter = await vi.waitFor(
    async () => {
      const found = await Array.fromAsync(bus.browse(`${topic}.assistant.dlq`))
      expect(found.filter((one) => one.key === key)).toHaveLength(1)
      return readDeadLetter(found.find((one) => one.key === key)!)
    },
    { timeout: 60_000, interval: 100 },
  )
  expect(letter).toMatchObject({ code: 'handler_failed', reason: expect.stringContaining('RangeError: it cannot') })
  expect(Object.keys(letter.shortened)).toEqual(shortened ? ['value'] : [])
  const told = () => lines.filter((line) => String(line['msg']).startsWith('a record could not be processed')).at(-1)
  await expect.poll(told).toMatchObject({
    ...{ level: 40, consumer: 'assistant', code: 'handler_failed', shortened },
    origin: { topic, partition: 0, offset: letter.origin.offset },
  })
})

it('a step whose timers and connections outlive it does not stay in memory with them', async () => {
  const kept = () => (collectGarbage(), inHand.filter((one) => one.deref() !== undefined).length)
  expect(inHand).toHaveLength(2)
  await expect.poll(kept, { timeout: 60_000, interval: 100 }).toBe(0)
})
