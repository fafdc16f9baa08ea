/** `sre analyze`: what can be answered from files alone, with nothing running. */
import { InvalidArgumentError, type Command } from 'commander'
import { analyzeAnomalies, type AnomaliesOptions } from './anomalies.ts'
import { analyzeForecast, type ForecastCommandOptions } from './forecast.ts'
import { diagnose } from '../../analysis/diagnose.ts'
import { analyzeLogs, type LogsOptions } from './logs.ts'
import { analyzeRca, type RcaOptions } from './rca.ts'
import type { Surface } from './surface.ts'
import { conflictOf } from './targets.ts'

/** Exit codes: 0 done, rows that were left out or not; 1 an input is bad (the others are still answered); 2 usage. */
export function addAnalyze(program: Command, surface: Surface, exit: (code: number) => void): void {
  const analyze = program.command('analyze').description('answer from files alone: nothing needs to be running')

  const strict = ['--strict', 'refuse an input with a row that cannot be read, instead of leaving the row out'] as const

  analyze
    .command('rca')
    .description('what was wrong in a recording, since when, because of what, and how sure that is')
    .argument('<dir...>', 'folders with an incident.json, and whatever was recorded beside it')
    .option('--json', 'one JSON document a line, on a terminal too')
    .option(...strict)
    .addHelpText('after', '\nExample:\n  sre analyze rca test/scenarios/train-ticket-07')
    .action(async (dirs: string[], options: RcaOptions) => exit(await analyzeRca(dirs, options, surface, diagnose)))

  analyze
    .command('anomalies')
    .description('judge each point of a series by those before it')
    .argument('<file...>', 'CSV with timestamp and value, one series a file; .gz too')
    .option('--output <dir>', 'write one CSV for each file here, instead of standard output')
    .option('--json', 'one JSON document a file: the anomalies')
    .option(...strict)
    .addHelpText('after', '\nExample:\n  sre analyze anomalies cpu.csv > judged.csv')
    .action(async (files: string[], options: AnomaliesOptions, command: Command) => {
      const conflict = options.output === undefined ? null : await conflictOf(files, options.output)
      if (conflict !== null) command.error(`error: ${conflict}`)
      exit(await analyzeAnomalies(files, options, surface))
    })

  analyze
    .command('forecast')
    .description('how series go on, with intervals')
    .argument('<file...>', 'CSV with timestamp and value, or series, timestamp and value; .gz too')
    .requiredOption('--horizon <steps>', 'steps to forecast', wholeNumber)
    .option('--season <steps>', 'steps a season has, as 24 for a day of hours; else one is looked for', wholeNumber)
    .option('--level <share>', 'of the intervals', share, 0.95)
    .option('--capacity <value>', 'also tell when the mean and the bounds reach this', number)
    .option('--json', 'one JSON document a series')
    .option(...strict)
    .addHelpText('after', '\nExample:\n  sre analyze forecast disk.csv --horizon 30 --capacity 500')
    .action(async (files: string[], options: ForecastCommandOptions) =>
      exit(await analyzeForecast(files, options, surface)),
    )

  analyze
    .command('logs')
    .description('group log lines by template')
    .argument('<file...>', 'text lines, or logs.jsonl; .gz too')
    .option('--templates', 'the templates as JSON, instead of the template of each line as CSV')
    .option('--json', 'the same as --templates')
    .option(...strict)
    .addHelpText('after', '\nExample:\n  sre analyze logs --templates /var/log/app.log | jq ".[] | select(.count < 5)"')
    .action(async (files: string[], options: LogsOptions) => exit(await analyzeLogs(files, options, surface)))
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('write a whole number from 1')
  return Number(text)
}

function share(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('write a number between 0 and 1')
  return value
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('write a number')
  return value
}
