import { kafkaOfItsOwn } from '../runtime/kafka.ts'
import { twoPeople } from './two-people.ts'

twoPeople('Kafka', async () => {
  const { options, broker } = await kafkaOfItsOwn()
  return { options, tearDown: () => broker.stop() }
})
