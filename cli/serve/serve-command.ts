import { type Command, Argument } from 'commander'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from './own-files.ts'
import { type Part, PARTS } from './part.ts'
import { helpNote } from '../language.ts'

/** `sre serve`: runs one component as a separate process, against the user's own systems. */
export function addServe(program: Command, context: ClientContext): void {
  program
    .command('serve')
    .description(
      'run one component as its own process, configured by the environment (docs/reference/configuration.md)',
    )
    .addArgument(new Argument('<part>', 'which component').choices(PARTS))
    .addHelpText(
      'after',
      helpNote(
        context,
        'Example: DATABASE_URL=… OIDC_ISSUER=… CONTROL_PLANE_URL=… ASSISTANT_CLIENT_SECRET=… sre serve assistant',
      ),
    )
    .action(async (part: Part) => {
      forItsOwnerAlone()
      await (await import('./serve.ts')).serve(context, part)
    })
}
