import type { Command } from 'commander'
import { parseDuration } from '../diagnose/duration.ts'
import type { ClientContext } from '../login/context.ts'
import { forItsOwnerAlone } from '../serve/own-files.ts'
import type { RecordOptions } from './options.ts'
import { helpNote } from '../language.ts'

const SOURCES =
  'Sources: PROMETHEUS_URL, LOKI_URL, TRACES_URL and their settings; if none is set, those of the platform started in DATA_DIR, or its shop'
const EXITS = 'Exit codes: 0 recorded, 1 nothing was recorded, 2 usage error, 4 unknown service'

const several = (value: string, before: string[] = []): string[] => [...before, value]

/** `sre record`: saves everything that an agent could query now about some services, as files. */
export function addRecord(program: Command, context: ClientContext): void {
  program
    .command('record')
    .description(
      'record the data of Prometheus, Loki, traces and the control-plane on these services and those around them, or on all',
    )
    .argument('<dir>', 'folder to create; if it exists, it must be empty')
    .option('--service <name>', 'service to record; repeatable (default: all)', several)
    .option(
      '--since <time>',
      'how far back: 90s, 30m, 2h, 1d; the same time before it, at least 30m, is recorded as the baseline (default: 1h)',
      parseDuration,
    ) // prettier-ignore
    .option('--only', 'record only the services named, not those that may be involved')
    .option('--json', 'one JSON document: what was recorded, and what was missing')
    .addHelpText(
      'after',
      helpNote(
        context,
        'Examples:\n  npx sre record --since 15m incident-1\n  npx sre record --service checkout --since 1h incident-1\n  npx sre analyze rca incident-1',
      ),
    )
    .addHelpText('after', helpNote(context, SOURCES))
    .addHelpText('after', helpNote(context, EXITS))
    .action(async (dir: string, options: RecordOptions) => {
      forItsOwnerAlone()
      await (await import('./record.ts')).record(context, dir, options)
    })
}
