/** `sre anomalies`: what the services measure that is unusual. */
import { type Command, InvalidArgumentError } from 'commander'
import type { Surface } from '../analyze/surface.ts'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import { addAnomalyList } from './list.ts'
import { watchFiles, type WatchOptions } from './watch.ts'

export function addAnomalies(
  program: Command,
  context: ClientContext,
  surface: Surface,
  exit: (code: number) => void,
): void {
  addAnomalyList(program, context)
    .command('watch')
    .description('watch recordings or exported series as if they were measured now, and print what is announced')
    .argument('<file...>', 'recordings, or CSV with timestamp and value; .gz accepted')
    .option('--step <seconds>', 'length of a step (default: the interval between samples)', secondsFrom)
    .option('--json', 'one JSON document per announcement')
    .option('--strict', 'fail on an unreadable row instead of skipping it')
    .addHelpText('after', helpNote(context, 'Example:\n  sre anomalies watch test/scenarios/shop-01'))
    .action(async (files: string[], options: WatchOptions) => exit(await watchFiles(files, options, surface)))
}

function secondsFrom(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1')
  return Number(text)
}
