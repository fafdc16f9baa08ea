import { createDatabase } from '../servers/postgres.ts'
import { durability } from './durability.ts'
import { kafkaOfItsOwn } from './kafka.ts'

durability('Kafka', async () => {
  const [database, { options, broker }] = await Promise.all([createDatabase('durability'), kafkaOfItsOwn()])
  return {
    databaseUrl: database.url,
    bus: options,
    async tearDown() {
      await broker.stop()
      await database.drop()
    },
  }
})
