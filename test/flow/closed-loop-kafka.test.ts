import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { closedLoop } from './closed-loop.ts'

closedLoop('Kafka', async () => {
  const { options, broker } = await kafkaOfItsOwn()
  return { options, tearDown: () => broker.stop() }
})
