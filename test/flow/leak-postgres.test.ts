import { leak } from './leak.ts'

leak('PostgreSQL', async (databaseUrl) => ({
  options: { kind: 'postgres', databaseUrl },
  tearDown: async () => undefined,
}))
