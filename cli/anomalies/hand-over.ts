/** Options of a list and of the commands below it. */
import type { Command } from 'commander'

/** Commander takes options of the list for the list's even behind a command below it. Hands them over, or refuses those that this command does not have. */
export function handOver(list: Command, below: Command): void {
  for (const option of list.options) {
    const name = option.attributeName()
    if (list.getOptionValueSource(name) !== 'cli') continue
    if (!below.options.some(({ long }) => long === option.long))
      below.error(`error: unknown option '${option.long}'`, { code: 'commander.unknownOption' })
    below.setOptionValueWithSource(name, list.getOptionValue(name), 'cli')
  }
}
