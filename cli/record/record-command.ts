import type { Command } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from '../serve/own-files.ts'
import type { RecordOptions } from './options.ts'

const several = (value: string, before: string[] = []): string[] => [...before, value]

/** `sre record`: what an agent could ask about some services now, kept as files. */
export function addRecord(program: Command, context: ClientContext): void {
  program
    .command('record')
    .description('keep what Prometheus, Loki, traces and the control-plane tell of services now, as a recording')
    .argument('<dir>', 'the folder to make; one that holds something is refused')
    .requiredOption('--service <name>', 'a service to record; may be given several times', several)
    .option(
      '--since <time>',
      'how far back: 90s, 30m, 2h, 1d; before it as long, and 30m at least, to compare with (default: 1h)',
      parseDuration,
    ) // prettier-ignore
    .option('--json', 'one JSON document: what was recorded, and what could not be had')
    .addHelpText(
      'after',
      '\nExample:\n  PROMETHEUS_URL=… LOKI_URL=… npx sre record --service checkout --service cart --since 1h incident-1\n  npx sre analyze rca incident-1',
    )
    .action(async (dir: string, options: RecordOptions) => {
      forItsOwnerAlone()
      await (await import('./record.ts')).record(context, dir, options)
    })
}
