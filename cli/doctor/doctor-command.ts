import { Argument, type Command } from 'commander'
import { controlPlaneHttp } from '../../agents/tools/live.ts'
import type { BusOptions } from '../../bus/create.ts'
import type { Language } from '../../gateway/present/language.ts'
import { loadContract } from '../../schemas/contract.ts'
import { busOptionsFrom, databaseUrlOf, runningBusFrom } from '../bus-options.ts'
import { type Config, readConfig } from '../config.ts'
import { helpNote } from '../language.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { asking } from '../serve/asking.ts'
import { type Part, PARTS, REQUIRED_TO_ASK } from '../serve/part.ts'
import { type Line, paint, painted } from '../terminal/line.ts'
import { type Check, type Found, lookAll, type State } from './check.ts'
import { configurationCheck, configuredParts, usable } from './configuration.ts'
import { conformance } from './conformance.ts'
import { identityChecks } from './identity.ts'
import { kafkaChecks } from './kafka.ts'
import { diskCheck, nodeCheck } from './machine.ts'
import { lagCheck } from './lag.ts'
import { embeddedBeside, platformChecks, sourcesOf } from './platform.ts'
import { postgresChecks } from './postgres.ts'
import { queriesChecks } from './queries.ts'
import { sourceChecks } from './sources.ts'
import { doctor as texts, titles } from './texts.ts'

/** `sre doctor`: checks everything this configuration refers to, before and while the platform runs. */
export function addDoctor(program: Command, context: ClientContext): void {
  const doctor = program
    .command('doctor')
    .description('check the configuration and every system it names; exits 1 if a check fails')
    .addArgument(
      new Argument('[part...]', 'check the configuration of these components (default: those configured)').choices(
        PARTS,
      ),
    )
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'Example: sre doctor gateway assistant'))
    .action((parts: Part[], options: { json?: boolean }) => examine(context, parts, options.json === true))
  doctor
    .command('control-plane')
    .description('compare the answers of a control-plane with docs/reference/control-plane.yaml, read only')
    .argument('[url]', 'its URL; absent: check the configuration of this component')
    .option('--json', 'print JSON instead of text')
    .action((url: string | undefined, _: unknown, command: Command) => {
      const json = command.optsWithGlobals<{ json?: boolean }>().json === true
      return url === undefined ? examine(context, ['control-plane'], json) : compare(context, url, json)
    })
}

async function examine(context: ClientContext, parts: readonly Part[], json: boolean): Promise<void> {
  const { DATA_DIR: dataDir } = usable(context.environment).config
  const embedded = parts.length > 0 ? null : embeddedBeside(context.environment, dataDir)
  const { environment } = embedded ?? context
  const { config, dropped } = usable(environment)
  const asked = parts.length > 0 ? parts : configuredParts(environment)
  const databaseUrl = databaseUrlOf(config)
  const shared = [nodeCheck(), diskCheck(config.DATA_DIR), ...postgresChecks(databaseUrl), lagCheck(busOf(config))]
  const checks: Check[] =
    embedded === null
      ? [
          configurationCheck(environment, asked, databaseUrl !== undefined),
          ...shared,
          ...kafkaChecks(kafkaOf(config)),
          ...identityChecks(config),
          ...sourceChecks(config),
          ...queriesChecks(config),
        ]
      : [...platformChecks(embedded, dataDir), ...shared, ...sourcesOf(embedded, sourceChecks(config))]
  report(
    context,
    (await lookAll(checks)).map((one) => invalidIn(one, dropped)),
    json,
  )
}

/** Uses the assistant's own access. */
async function compare(context: ClientContext, url: string, json: boolean): Promise<void> {
  const config = readConfig({ ...context.environment, CONTROL_PLANE_URL: url }, REQUIRED_TO_ASK)
  report(context, await conformance(controlPlaneHttp(asking(config, 'ASSISTANT', 'sre-platform:read'))), json)
}

function report(context: ClientContext, found: readonly Found[], json: boolean): void {
  const { language } = context
  if (json) context.print(JSON.stringify(found.map((one) => asJson(one, language))))
  else for (const one of found) linesOf(one, language).forEach(context.print)
  const wrong = found.filter(({ state }) => state === 'failed').length
  if (wrong > 0) throw new CommandError(texts.wrong(wrong), { code: 'UNHEALTHY' })
}

/** Null: none is configured. */
const busOf = (config: Config): BusOptions | null =>
  databaseUrlOf(config) === undefined && config.KAFKA_BROKERS === undefined
    ? null
    : runningBusFrom(config, loadContract())

/** Null: the bus is PostgreSQL. */
const kafkaOf = (config: Config): BusOptions | null =>
  config.KAFKA_BROKERS === undefined ? null : busOptionsFrom(config, loadContract())

/** A variable that is set but invalid is not reported as missing. */
const invalidIn = (one: Found, dropped: ReadonlySet<string>): Found =>
  one.variable !== undefined && dropped.has(one.variable) ? { id: one.id, ...texts.notChecked('configuration') } : one

const MARKS: Readonly<Record<State, Line>> = {
  ok: paint('green', '✓'),
  warning: paint('yellow', '!'),
  failed: paint('red', '✗'),
  not_configured: '-',
  not_checked: '-',
}

function linesOf({ id, state, says, todo, details = [] }: Found, language: Language): Line[] {
  const advice = todo === undefined ? '' : language === 'en' ? `. To do: ${todo.en}` : `。處理方式：${todo['zh-TW']}`
  const title = titles[id]?.[language] ?? id
  return [
    painted`${MARKS[state]} ${title}${language === 'en' ? ': ' : '：'}${says[language]}${advice}`,
    ...details.map((one) => `    ${one}`),
  ]
}

const asJson = ({ id, state, says, todo, details }: Found, language: Language) => ({
  check: id,
  state,
  message: says[language],
  todo: todo?.[language] ?? null,
  details: details ?? [],
})
