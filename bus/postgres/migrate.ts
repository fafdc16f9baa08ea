import { runner } from 'node-pg-migrate'
import { underMigrationLock } from './migration-lock.ts'

/** Migrates one PostgreSQL schema with the SQL files in `dir`; safe if several processes start at once. */
export const migrate = (databaseUrl: string, schema: string, dir: string): Promise<void> =>
  underMigrationLock(databaseUrl, async () => {
    await runner({
      databaseUrl,
      dir,
      direction: 'up',
      schema,
      createSchema: true,
      migrationsTable: 'migrations',
      // under our own lock, which the durable engine's migrations take too
      noLock: true,
      log: () => undefined,
    })
  })
