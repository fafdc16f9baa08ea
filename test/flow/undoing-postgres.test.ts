import { undoing } from './undoing.ts'

undoing('PostgreSQL', async (databaseUrl) => ({
  options: { kind: 'postgres', databaseUrl },
  tearDown: async () => undefined,
}))
