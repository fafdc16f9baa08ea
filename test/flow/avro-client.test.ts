import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { readWithConfluentClient } from '../servers/avro-client.ts'
import { loadContract } from '../../schemas/contract.ts'
import { type Loop, openLoop } from './loop.ts'

const contract = loadContract()

/** Without repeats, sorted by id, as JSON: a form two languages can compare. */
const byId = (values: readonly unknown[]): unknown[] =>
  Object.entries(Object.fromEntries(values.map((value) => [(value as { event_id: string }).event_id, value])))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, value]) => JSON.parse(JSON.stringify(value)) as unknown)

describe('an independent Avro client', { timeout: 180_000 }, () => {
  let loop: Loop
  let kafka: Awaited<ReturnType<typeof kafkaOfItsOwn>>
  beforeAll(async () => {
    kafka = await kafkaOfItsOwn()
    loop = await openLoop(async () => ({ options: kafka.options, tearDown: () => kafka.broker.stop() }))
  }, 180_000)
  afterAll(() => loop?.close(), 60_000)

  it('reads every record of a session from the topics, field by field', async () => {
    await loop.deployBad()
    const agents = await loop.startAgents()
    const session = await loop.ask()
    const of = (value: { session_id: string | null }) => value.session_id === session
    await loop.decide(await loop.first('ApprovalRequested', of))
    await loop.first('ActionCompleted', of)
    await agents.stop()

    const topics = contract.topics.filter((topic) => topic.event !== 'ChangeRecorded') // belongs to a service, not to a session
    const records = await readWithConfluentClient(kafka.options, topics.map((topic) => topic.name)) // prettier-ignore
    for (const topic of topics) {
      const theirs = records.filter(
        (record) => record.topic === topic.name && (record.value as { session_id?: string }).session_id === session,
      )
      const ours = await loop.all(topic.event, (value) => 'session_id' in value && value.session_id === session)
      expect(byId(theirs.map((record) => record.value)), topic.name).toEqual(byId(ours))
      for (const record of theirs) {
        expect(record.headers).toMatchObject({ ce_specversion: '1.0', ce_type: `sre.${topic.event}` })
      }
    }
    const completed = records.find((record) => record.topic === contract.topicOf('DiagnosisCompleted').name)
      ?.value as Record<string, unknown>
    expect(completed).toMatchObject({ status: 'completed', verdict: 'incident' })
  })
})
