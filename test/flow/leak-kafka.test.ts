import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { leak } from './leak.ts'

leak('Kafka', async () => {
  const { options, broker } = await kafkaOfItsOwn()
  return { options, tearDown: () => broker.stop() }
})
