import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { undoing } from './undoing.ts'

undoing('Kafka', async () => {
  const { options, broker } = await kafkaOfItsOwn()
  return { options, tearDown: () => broker.stop() }
})
