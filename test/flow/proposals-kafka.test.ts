import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { proposals } from './proposals.ts'

proposals('Kafka', async () => {
  const { options, broker } = await kafkaOfItsOwn()
  return { options, tearDown: () => broker.stop() }
})
