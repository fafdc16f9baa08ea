import { Client } from 'pg'
import { startContainer } from '../docker/container.ts'
import { startPostgres } from '../local/postgres.ts'
import type { Server } from '../server.ts'

const image = 'postgres:18'
const urlOf = (port: number) => `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`

async function answers(port: number): Promise<boolean> {
  const client = new Client({ connectionString: urlOf(port) })
  await client.connect()
  await client.end()
  return true
}

export const postgres: Server<{ url: string }> = {
  title: 'PostgreSQL',
  given: ({ TEST_DATABASE_URL: url }) => (url ? { url } : undefined),
  image,
  docker: () =>
    startContainer(
      {
        image,
        inside: 5432,
        environment: () => ({ POSTGRES_PASSWORD: 'postgres' }),
        command: () => ['postgres', '-c', 'fsync=off', '-c', 'max_connections=400'],
      },
      (port) => ({ url: urlOf(port) }),
      answers,
    ),
  // All of it comes with npm.
  local: { missing: async () => [], prepared: async () => true, prepare: async () => {}, start: startPostgres },
}
