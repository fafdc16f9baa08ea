import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { makeKeyFile, openSigningKeys, shownBeforeSigningMs } from '../../schemas/signing-keys.ts'
import { parseDuration } from '../diagnose/duration.ts'
import { type ClientContext, CommandError } from '../login/context.ts'
import { keys as texts } from './texts.ts'
import { helpNote } from '../language.ts'

/** The gateway's folder for decision-signing keys. */
export const gatewayKeysDir = (dataDir: string): string => join(dataDir, 'gateway-keys')

/** `sre keys rotate` and `sre keys create`. */
export function addKeys(program: Command, context: ClientContext): void {
  const keys = program.command('keys').description("the gateway's signing keys for decisions")
  keys
    .command('create')
    .description('print a new key, private part included, as a file for a Secret that replicas mount as gateway-keys')
    .option(
      '--signs-in <duration>',
      'when it starts signing: 15m, 1h; the only key signs at once (default: 1m)',
      parseDuration,
    ) // prettier-ignore
    .option('--json', 'same output: it is JSON anyway')
    .addHelpText('after', helpNote(context, 'Example:\n  sre keys create > first.jwk.json'))
    .action(async ({ signsIn = shownBeforeSigningMs }: { signsIn?: number }) => {
      const { kid, text } = await makeKeyFile(context.now() + signsIn - shownBeforeSigningMs)
      context.print(JSON.stringify(JSON.parse(text)))
      context.note(texts.created(kid)[context.language])
    })
  keys
    .command('rotate')
    .description(
      'add a key; it starts signing in a minute, so that every verifier can fetch it first; older keys still verify',
    )
    .option('--json', 'print JSON instead of text')
    .addHelpText(
      'after',
      helpNote(context, 'Run it where the gateway keeps its data (DATA_DIR). Nothing needs a restart.'),
    )
    .action((options: { json?: boolean }) => rotate(context, options.json === true))
}

async function rotate(context: ClientContext, json: boolean): Promise<void> {
  const dir = gatewayKeysDir(context.dataDir)
  // the gateway creates the first key; creating it here would hide that this is the wrong folder
  if (globSync('*.jwk.json', { cwd: dir }).length === 0) throw new CommandError(texts.none(dir))
  const keys = await openSigningKeys({ dir })
  const kid = await keys.rotate()
  const known = keys.jwks().keys.length
  if (json) return context.print(JSON.stringify({ kid, keys: known }))
  context.print(kid)
  context.note(texts.rotated(known)[context.language])
}
