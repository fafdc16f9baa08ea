import { preparePostgresBus } from '../../bus/create.ts'
import { createDatabase } from '../servers/postgres.ts'
import { contract } from './counting.ts'
import { durability } from './durability.ts'

durability('PostgreSQL', async () => {
  const database = await createDatabase('durability')
  await preparePostgresBus(database.url, contract)
  return { databaseUrl: database.url, bus: { kind: 'postgres', databaseUrl: database.url }, tearDown: database.drop }
})
