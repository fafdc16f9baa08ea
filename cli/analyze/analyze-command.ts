/** `sre analyze`: offline commands, which work on files only. */
import { InvalidArgumentError, type Command } from 'commander'
import { analyzeAnomalies, type AnomaliesOptions } from './anomalies.ts'
import { analyzeForecast, type ForecastCommandOptions } from './forecast.ts'
import { diagnose } from '../../analysis/diagnose.ts'
import { analyzeLogs, type LogsOptions } from './logs.ts'
import { analyzeRca, type RcaOptions } from './rca.ts'
import type { Surface } from './surface.ts'
import { conflictOf } from './targets.ts'
import { helpNote } from '../language.ts'

/** Exit codes: 0 done, even if rows were skipped; 1 an input is invalid (the others are still analysed); 2 usage error. */
export function addAnalyze(program: Command, surface: Surface, exit: (code: number) => void): void {
  const analyze = program.command('analyze').description('analyze files offline; nothing needs to be running')

  const strict = ['--strict', 'fail on an unreadable row instead of skipping it'] as const

  analyze
    .command('rca')
    .description('find what went wrong in a recording, since when, why, and with what confidence')
    .argument('<dir...>', 'recordings: folders with an incident.json')
    .option('--json', 'one JSON document per line instead of a report')
    .option(...strict)
    .addHelpText('after', helpNote(surface, 'Example:\n  sre analyze rca test/scenarios/train-ticket-07'))
    .action(async (dirs: string[], options: RcaOptions) => exit(await analyzeRca(dirs, options, surface, diagnose)))

  analyze
    .command('anomalies')
    .description('score each point of a series against the points before it')
    .argument('<file...>', 'CSV with timestamp and value, one series per file; .gz accepted')
    .option('--output <dir>', 'write one CSV per file here instead of to standard output')
    .option('--json', 'one JSON document per file, with the anomalies')
    .option(...strict)
    .addHelpText('after', helpNote(surface, 'Example:\n  sre analyze anomalies cpu.csv > judged.csv'))
    .action(async (files: string[], options: AnomaliesOptions, command: Command) => {
      const conflict = options.output === undefined ? null : await conflictOf(files, options.output)
      if (conflict !== null) command.error(`error: ${conflict}`)
      exit(await analyzeAnomalies(files, options, surface))
    })

  analyze
    .command('forecast')
    .description('forecast series, with prediction intervals')
    .argument('<file...>', 'CSV with timestamp and value, or series, timestamp and value; .gz accepted')
    .requiredOption('--horizon <steps>', 'steps to forecast', wholeNumber)
    .option('--season <steps>', 'season length in steps, such as 24 for hourly data (default: detected)', wholeNumber)
    .option('--level <share>', 'coverage of the intervals', share, 0.95)
    .option('--capacity <value>', 'also report when the mean and the bounds reach this value', number)
    .option('--json', 'one JSON document per series')
    .option(...strict)
    .addHelpText('after', helpNote(surface, 'Example:\n  sre analyze forecast disk.csv --horizon 30 --capacity 500'))
    .action(async (files: string[], options: ForecastCommandOptions) =>
      exit(await analyzeForecast(files, options, surface)),
    )

  analyze
    .command('logs')
    .description('group log lines by template')
    .argument('<file...>', 'text lines or logs.jsonl; .gz accepted')
    .option('--templates', "print the templates as JSON instead of each line's template as CSV")
    .option('--json', 'the same as --templates')
    .option(...strict)
    .addHelpText(
      'after',
      helpNote(surface, 'Example:\n  sre analyze logs --templates /var/log/app.log | jq ".[] | select(.count < 5)"'),
    )
    .action(async (files: string[], options: LogsOptions) => exit(await analyzeLogs(files, options, surface)))
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('expected a whole number from 1')
  return Number(text)
}

function share(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value < 1)) throw new InvalidArgumentError('expected a number between 0 and 1')
  return value
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('expected a number')
  return value
}
