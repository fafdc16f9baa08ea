import type { Command } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import type { FaultOptions } from './options.ts'

const EXAMPLES = 'Examples:\n  npx sre lab faults\n  npx sre lab fault memory-leak --for 5m'
const WHERE = 'Lab: LAB_URL and LAB_TOKEN; if they are not set, that of the platform started in DATA_DIR'

/** `sre lab`: the faults of the lab of a running platform. */
export function addLab(program: Command, context: ClientContext): void {
  const lab = program.command('lab').description('faults of the demo shop, to try a diagnosis on')
  lab
    .command('faults')
    .description('list the faults: what each does, what ends it, and which are on')
    .option('--json', 'print JSON instead of text')
    .action(async (options: FaultOptions) => (await import('./faults.ts')).list(context, options))
  lab
    .command('fault')
    .description('switch a fault on, or off')
    .argument('<name>', 'fault, as listed by sre lab faults')
    .option('--for <time>', 'switch it off after this time: 90s, 5m, 1h (default: it stays on)', parseDuration)
    .option('--off', 'switch it off')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, EXAMPLES))
    .addHelpText('after', helpNote(context, WHERE))
    .action(async (name: string, options: FaultOptions) => (await import('./faults.ts')).change(context, name, options))
}
