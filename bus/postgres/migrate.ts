import { runner } from 'node-pg-migrate'

/** Brings one part's schema up to date from the SQL files in `dir`; safe when several processes start at once. */
export async function migrate(databaseUrl: string, schema: string, dir: string): Promise<void> {
  await runner({
    databaseUrl,
    dir,
    direction: 'up',
    schema,
    createSchema: true,
    migrationsTable: 'migrations',
    advisoryLockMode: 'wait',
    log: () => undefined,
  })
}
