import type { Command } from 'commander'
import { preparePostgresBus, registerSchemas } from '../../bus/create.ts'
import { checkSchemas, releaseSchemas, type SchemaCheck } from '../../schemas/compatibility.ts'
import { loadContract } from '../../schemas/contract.ts'
import { runningBusFrom } from '../bus-options.ts'
import { readConfig } from '../config.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { registryFound } from '../registry.ts'
import { schemas as texts } from '../texts.ts'

/**
 * `sre schemas check`, `release` and `register`. `releases`: folder of the released schemas; default: that of the repository.
 */
export function addSchemas(program: Command, context: ClientContext, releases?: string): void {
  const schemas = program.command('schemas').description('check, release and register the event schemas')
  schemas
    .command('check')
    .description('check schemas/*.avsc for compatibility with every release, offline; exits 1 if one is incompatible')
    .option('--json', 'print JSON instead of text')
    .action((options: { json?: boolean }) => check(context, options.json === true, releases))
  schemas
    .command('release')
    .description('store changed schemas as the next release in schemas/released')
    .option('--json', 'print JSON instead of text')
    .action((options: { json?: boolean }) => release(context, options.json === true, releases))
  schemas
    .command('register')
    .description('register the schemas with the schema registry or PostgreSQL; the registry refuses incompatible ones')
    .option('--json', 'print JSON instead of text')
    .action((options: { json?: boolean }) => register(context, options.json === true))
}

function check(context: ClientContext, json: boolean, releases: string | undefined): void {
  const checks = checkSchemas(loadContract(), releases)
  if (json) context.print(JSON.stringify(checks))
  else checks.flatMap(describe).forEach(context.print)
  const wrong = checks.filter(({ problems }) => problems.length > 0)
  if (wrong.length > 0) throw new CommandError(texts.mayNotFollow(wrong.map(({ event }) => event).join(', ')))
}

function describe({ event, compatibility, released, changed, problems }: SchemaCheck): string[] {
  const state = problems.length > 0 ? 'refused' : released === 0 ? 'new' : changed ? 'changed' : 'released'
  return [`${state.padEnd(9)} ${event} (${compatibility}, ${released} releases)`, ...problems.map((one) => `  ${one}`)]
}

function release(context: ClientContext, json: boolean, releases: string | undefined): void {
  try {
    const files = releaseSchemas(loadContract(), releases)
    if (json) return context.print(JSON.stringify(files))
    for (const file of files) context.print(file)
    if (files.length === 0) context.note(texts.unchanged[context.language])
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error))
  }
}

async function register(context: ClientContext, json: boolean): Promise<void> {
  const contract = loadContract()
  const options = runningBusFrom(readConfig(context.environment), contract)
  if (options.kind === 'postgres') {
    await answered(() => preparePostgresBus(options.databaseUrl, contract))
    return context.print(json ? JSON.stringify({ bus: 'postgres' }) : texts.inPostgres[context.language])
  }
  await registryFound(options)
  const ids = await answered(() => registerSchemas(options, contract))
  if (json) return context.print(JSON.stringify(Object.fromEntries(ids)))
  for (const [subject, id] of ids) context.print(`${String(id).padStart(6)}  ${subject}`)
}

async function answered<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new CommandError(texts.notRegistered(wordsOf(error)))
  }
}
