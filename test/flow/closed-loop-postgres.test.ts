import { closedLoop } from './closed-loop.ts'

closedLoop('PostgreSQL', async (databaseUrl) => ({
  options: { kind: 'postgres', databaseUrl },
  tearDown: async () => undefined,
}))
