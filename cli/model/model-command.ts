/** `sre model`: the language model, for those who configure it. */
import type { Command } from 'commander'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'

export function addModel(program: Command, context: ClientContext): void {
  program
    .command('model')
    .description('the language model (ANTHROPIC_API_KEY, SRE_MODEL)')
    .command('check')
    .description('try what the configured model can do; asks it seven times, which costs tokens')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'Example: SRE_MODEL=<name> sre model check'))
    .action(async ({ json }: { json?: boolean }) => (await import('./check.ts')).check(context, json === true))
}
