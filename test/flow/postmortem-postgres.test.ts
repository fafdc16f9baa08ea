import { postmortems } from './postmortem.ts'

postmortems('PostgreSQL', async (databaseUrl) => ({
  options: { kind: 'postgres', databaseUrl },
  tearDown: async () => undefined,
}))
