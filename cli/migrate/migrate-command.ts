import type { Command } from 'commander'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import { migrations as texts } from '../serve/texts.ts'

/** `sre migrate`: runs the migrations that components otherwise run at start, e.g. as a job before an upgrade. */
export function addMigrate(program: Command, context: ClientContext): void {
  program
    .command('migrate')
    .description(
      'create or update the schemas of all components in PostgreSQL (DATABASE_URL); components also do this at start',
    )
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'Example: DATABASE_URL=… sre migrate'))
    .action(async ({ json }: { json?: boolean }) => {
      const schemas = await (await import('./migrate.ts')).migrateAll(context.environment)
      if (json === true) context.print(JSON.stringify({ schemas }))
      else context.print(texts.done(schemas)[context.language])
    })
}
