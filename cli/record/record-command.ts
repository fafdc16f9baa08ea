import type { Command } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from '../serve/own-files.ts'
import type { RecordOptions } from './options.ts'
import { helpNote } from '../language.ts'

const several = (value: string, before: string[] = []): string[] => [...before, value]

/** `sre record`: stores everything an agent could query about some services now as files. */
export function addRecord(program: Command, context: ClientContext): void {
  program
    .command('record')
    .description('record what Prometheus, Loki, traces and the control-plane have on these services')
    .argument('<dir>', 'folder to create; it must not hold anything yet')
    .requiredOption('--service <name>', 'service to record; repeatable', several)
    .option(
      '--since <time>',
      'how far back: 90s, 30m, 2h, 1d; the same time before it, at least 30m, is recorded as the baseline (default: 1h)',
      parseDuration,
    ) // prettier-ignore
    .option('--json', 'one JSON document: what was recorded, and what was missing')
    .addHelpText(
      'after',
      helpNote(
        context,
        'Example:\n  PROMETHEUS_URL=… LOKI_URL=… npx sre record --service checkout --service cart --since 1h incident-1\n  npx sre analyze rca incident-1',
      ),
    )
    .action(async (dir: string, options: RecordOptions) => {
      forItsOwnerAlone()
      await (await import('./record.ts')).record(context, dir, options)
    })
}
