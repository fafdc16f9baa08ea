import { Argument, type Command } from 'commander'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from '../serve/own-files.ts'
import { type SourceName, SOURCES } from './source-name.ts'

/** `sre connect`: records the changes of other systems on the bus. */
export function addConnect(program: Command, context: ClientContext): void {
  program
    .command('connect')
    .description('record changes of another system on the bus, so that a diagnosis can name them as causes; read only')
    .addArgument(new Argument('<source>', 'where changes come from').choices(SOURCES))
    .addHelpText(
      'after',
      helpNote(
        context,
        'kubernetes: rollouts of Deployments and syncs of Argo CD, with your kubeconfig or the service account of its pod\ngithub: webhook of deployment statuses, signed with CONNECT_GITHUB_SECRET\nwebhook: JSON from anything else, with CONNECT_WEBHOOK_TOKEN (docs/guides/connect-your-systems.md)',
      ),
    )
    .action(async (source: SourceName) => {
      forItsOwnerAlone()
      await (await import('./connect.ts')).connect(context, source)
    })
}
