/** `sre anomalies expect`: says that an anomaly is expected, and for how long. */
import type { Command } from 'commander'
import type { Expectation } from '../../gateway/api.generated.ts'
import type { Language } from '../../gateway/present/language.ts'
import { labelled, noted } from '../../gateway/present/words.ts'
import { parseDuration } from '../diagnose/duration.ts'
import { type ClientContext, type ClientOptions, CommandError } from '../login/context.ts'
import { connect } from '../login/gateway-client.ts'
import { idFrom, wholeId } from '../login/ids.ts'
import { withClientOptions } from '../login/options.ts'
import { newest } from './newest.ts'
import { listing as texts } from './texts.ts'

interface ExpectOptions extends ClientOptions {
  /** ms */
  for?: number
  reason?: string
  undo?: boolean
}

export function addExpect(anomalies: Command, context: ClientContext): void {
  withClientOptions(
    anomalies
      .command('expect')
      .description('mark an anomaly as expected: for a time, it and the same series are not announced')
      .argument('<anomaly>', 'anomaly id, or its last characters', idFrom('sre anomalies'))
      .option('--for <time>', 'for this time: 30m, 2h, 1d (at most 30d)', parseDuration)
      .option('--reason <text>', 'why you expect it')
      .option('--undo', 'it is not expected any more'),
  ).action((id: string, options: ExpectOptions) => expectAnomaly(context, id, options))
}

async function expectAnomaly(
  context: ClientContext,
  asked: string,
  { for: ms, reason, undo = false, ...options }: ExpectOptions,
): Promise<void> {
  if ((ms === undefined) === !undo) throw new CommandError(texts.forOrUndo)
  const client = connect(context, options)
  const anomaly = await wholeId(asked, newest(client))
  const answer = await client.ask('expectAnomaly', {
    method: 'POST',
    path: `/anomalies/${anomaly}/expectation`,
    body: { seconds: Math.round((ms ?? 0) / 1000), ...(reason === undefined ? {} : { reason }) },
  })
  context.print(options.json ? JSON.stringify(answer) : expectationLine(answer, context.language))
  if (!options.json && !undo) context.note(texts.undo(anomaly.slice(-6))[context.language])
}

/** `expected until 2026-03-01T12:00:00.000Z (team_manager): load test` */
export function expectationLine({ until, at, role, reason }: Expectation, language: Language): string {
  const said = (until > at ? texts.expectedUntil(until) : texts.notExpected(at))[language]
  const line = noted(language, said, role)
  return reason === null ? line : labelled(language, line, reason)
}
