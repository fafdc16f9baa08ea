/** `sre analyze`: what can be answered from files alone, with nothing running. */
import { Option, type Command } from 'commander'
import { analyzeLogs, type LogsOptions } from './logs.ts'
import type { Surface } from './surface.ts'

/** Exit codes: 0 done, 1 an input is bad (the others are still answered), 2 usage. */
export function addAnalyze(program: Command, surface: Surface, exit: (code: number) => void): void {
  const analyze = program.command('analyze').description('answer from files alone: nothing needs to be running')
  const language = (): Option =>
    new Option('--language <language>', 'of what is written for people').choices(['en', 'zh-TW']).default('en')

  analyze
    .command('logs')
    .description('group log lines by template')
    .argument('<file...>', 'text lines, or logs.jsonl; .gz too')
    .option('--templates', 'the templates as JSON, instead of the template of each line as CSV')
    .option('--json', 'the same as --templates')
    .addOption(language())
    .addHelpText('after', '\nExample:\n  sre analyze logs --templates /var/log/app.log | jq ".[] | select(.count < 5)"')
    .action(async (files: string[], options: LogsOptions) => exit(await analyzeLogs(files, options, surface)))
}
