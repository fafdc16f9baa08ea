import { preparePostgresBus } from '../../bus/create.ts'
import { createDatabase } from '../servers/postgres.ts'
import { limits } from './bounds.ts'
import { contract } from './counting.ts'
import { durability } from './durability.ts'
import { owners } from './owners.ts'

durability(
  'PostgreSQL',
  async () => {
    const database = await createDatabase('durability')
    await preparePostgresBus(database.url, contract)
    return { databaseUrl: database.url, bus: { kind: 'postgres', databaseUrl: database.url }, tearDown: database.drop }
  },
  (bench) => {
    owners(bench)
    limits(bench)
  },
)
