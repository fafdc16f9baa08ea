import { InvalidArgumentError } from 'commander'
import type { Command } from 'commander'

/** Adds the options of every client command. */
export const withClientOptions = (command: Command): Command =>
  command
    .option('--gateway <url>', 'gateway URL (default: SRE_GATEWAY_URL, else the platform running in DATA_DIR)')
    .option('--json', 'print JSON instead of text')

/** A positive whole number. */
export function parsePage(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('expected a number from 1')
  return Number(text)
}
