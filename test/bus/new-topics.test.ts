/** A broker accepts a new topic before it knows it. That moment cannot be forced on a real broker: here a client shows it. */
import kafkajs, { type Admin } from 'kafkajs'
import { expect, it } from 'vitest'
import { createTopics } from '../../bus/kafka/topics.ts'

const refusal = (type: string) =>
  new kafkajs.KafkaJSProtocolError(Object.assign(new Error('refused'), { type, code: 3 }))

/** `refusals`: what the broker answers about the topic's metadata before it answers with them. */
function admin(refusals: Error[]): Admin {
  const client: Pick<Admin, 'createTopics' | 'fetchTopicMetadata'> = {
    createTopics: async () => true,
    async fetchTopicMetadata() {
      const error = refusals.shift()
      if (error) throw error
      return { topics: [] }
    },
  }
  return client as Admin
}

it('waits for a broker that does not know a topic it has just accepted', async () => {
  const refusals = [refusal('UNKNOWN_TOPIC_OR_PARTITION'), refusal('UNKNOWN_TOPIC_OR_PARTITION')]
  await createTopics(admin(refusals), [{ topic: 'new' }])
  expect(refusals).toEqual([])
})

it('does not wait where the broker refuses to answer', async () => {
  await expect(createTopics(admin([refusal('TOPIC_AUTHORIZATION_FAILED')]), [{ topic: 'new' }])).rejects.toMatchObject({
    type: 'TOPIC_AUTHORIZATION_FAILED',
  })
})
