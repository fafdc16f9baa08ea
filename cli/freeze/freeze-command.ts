import { userInfo } from 'node:os'
import type { Command } from 'commander'
import { createFreezes, type Freeze, type Freezes } from '../../agents/executor/freezes.ts'
import { openPool } from '../../bus/postgres/pool.ts'
import { databaseUrlOf } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { freezes as texts } from '../texts.ts'

interface Options {
  tenant?: string
  by?: string
  json?: boolean
}

/** `sre freeze on`, `off` and `status`: for operators of the executor; works directly on its database. */
export function addFreeze(program: Command, context: ClientContext): void {
  const freeze = program.command('freeze').description('stop all actions, approved or not, and resume them')
  withOptions(freeze.command('on').description('freeze: no action starts from now on'))
    .requiredOption('--reason <text>', 'reason, shown to whoever is refused')
    .action((options: Options & { reason: string }) => change(context, options, 'on', options.reason))
  withOptions(
    freeze.command('off').description('lift the freeze; actions refused in the meantime stay refused'),
  ).action((options: Options) => change(context, options, 'off', ''))
  freeze
    .command('status')
    .description('show what is frozen, since when, by whom and why')
    .option('--json', 'print JSON instead of text')
    .action((options: Options) =>
      withFreezes(context, async (freezes) => report(context, await freezes.active(), options)),
    )
}

const withOptions = (command: Command): Command =>
  command
    .option('--tenant <name>', "only this tenant's actions (default: all actions)")
    .option('--by <name>', 'operator name (default: the current OS user)')
    .option('--json', 'print JSON instead of text')

const change = (context: ClientContext, options: Options, verb: 'on' | 'off', reason: string): Promise<void> =>
  withFreezes(context, async (freezes) => {
    const { tenant = null, by = userInfo().username } = options
    const changed = verb === 'on' ? await freezes.freeze({ tenant, by, reason }) : await freezes.lift({ tenant, by })
    if (!changed) throw new CommandError(verb === 'on' ? texts.already(tenant) : texts.not(tenant))
    report(context, await freezes.active(), options)
  })

function report(context: ClientContext, active: readonly Freeze[], { json }: Options): void {
  if (json === true) return context.print(JSON.stringify(active))
  for (const { tenant, since, by, reason } of active)
    context.print(texts.one(tenant, new Date(since).toISOString(), by, reason)[context.language])
  if (active.length === 0) context.print(texts.none[context.language])
}

async function withFreezes(context: ClientContext, work: (freezes: Freezes) => Promise<void>): Promise<void> {
  const connectionString = databaseUrlOf(readConfig(context.environment))
  if (connectionString === undefined) throw new CommandError(texts.noDatabase)
  const pool = openPool({ connectionString, max: 1 })
  try {
    await work(createFreezes(pool))
  } catch (error) {
    if (error instanceof CommandError) throw error
    const unprepared = (error as { code?: unknown }).code === '42P01'
    throw new CommandError(unprepared ? texts.noExecutor : texts.database(wordsOf(error)))
  } finally {
    await pool.end()
  }
}
