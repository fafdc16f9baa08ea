/** `sre policy`: what asks for a diagnosis by itself, and what is kept out. */
import type { Command } from 'commander'
import { NEVER } from '../../agents/anomaly/policy.ts'
import { databaseUrlOf } from '../bus-options.ts'
import { type Config, readConfig } from '../config.ts'
import { helpNote } from '../language.ts'
import type { ClientContext } from '../login/context.ts'
import { wordsOf } from '../login/reason.ts'
import { tenantsFrom } from '../serve/settings.ts'
import { documentOf } from './document.ts'
import { explained } from './explained.ts'
import { type Known, knownOf } from './known.ts'
import { linesOf } from './lines.ts'
import { policy as texts } from './texts.ts'

interface ExplainOptions {
  json?: boolean
}

export function addPolicy(program: Command, context: ClientContext): void {
  program
    .command('policy')
    .description('which anomalies and forecasts ask for a diagnosis by themselves, and what is kept out (POLICY_FILE)')
    .command('explain')
    .description('say what the policy means for a service, and what applies to it now')
    .argument('<service>', 'name of the service')
    .option('--json', 'print JSON instead of text')
    .addHelpText('after', helpNote(context, 'Example: POLICY_FILE=policy.yaml npx sre policy explain checkout'))
    .action((service: string, { json }: ExplainOptions) => explain(service, json === true, context))
}

async function explain(service: string, isJson: boolean, context: ClientContext): Promise<void> {
  const config = readConfig(context.environment)
  const file = config.POLICY_FILE
  const { known, unknown } = file === undefined ? { known: null, unknown: null } : await lookedUp(service, config, context.now()) // prettier-ignore
  const what = explained(service, file?.policy ?? NEVER, known, context.now())
  if (isJson) return context.print(JSON.stringify(documentOf(what, unknown?.en ?? null)))
  if (file === undefined) return context.print(texts.none[context.language])
  for (const line of linesOf(what)) context.print(line[context.language])
  if (unknown !== null) context.print(texts.unknown(unknown)[context.language])
}

/** `unknown`: why it is not known. */
async function lookedUp(service: string, config: Config, now: number) {
  const url = databaseUrlOf(config)
  if (url === undefined) return { known: null, unknown: texts.noDatabase }
  const owner = tenantsFrom(config).all.find((one) => one.has(service, one.namespace))
  if (owner === undefined) return { known: null, unknown: texts.noOwner }
  return knownOf(url, owner.tenant, now).then(
    (known: Known) => ({ known, unknown: null }),
    (error: unknown) => ({ known: null, unknown: texts.noAnswer(wordsOf(error)) }),
  )
}
