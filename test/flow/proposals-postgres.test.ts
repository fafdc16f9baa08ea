import { proposals } from './proposals.ts'

proposals('PostgreSQL', async (databaseUrl) => ({
  options: { kind: 'postgres', databaseUrl },
  tearDown: async () => undefined,
}))
