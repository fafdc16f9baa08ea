import { InvalidArgumentError, Option } from 'commander'
import type { Command } from 'commander'

/** Adds what every command of a person understands. */
export const withClientOptions = (command: Command): Command =>
  command
    .option('--gateway <url>', 'the gateway to ask (default: SRE_GATEWAY_URL, else the platform running in DATA_DIR)')
    .option('--json', 'print JSON instead of text')
    .addOption(new Option('--language <tag>', 'language of the answers').choices(['en', 'zh-TW']).default('en'))

/** A positive whole number. */
export function parsePage(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('write a number from 1')
  return Number(text)
}
