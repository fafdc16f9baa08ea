/** The arguments of the measuring commands: `--help` prints the usage and exits with 0, an invalid argument prints it and exits with 2. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

export function readArguments<Config extends ParseArgsConfig>(usage: string, config: Config) {
  if (process.argv.includes('--help')) {
    console.log(usage)
    process.exit(0)
  }
  try {
    return parseArgs({ ...config, args: process.argv.slice(2) } as Config)
  } catch (error) {
    return refuse(usage, error instanceof Error ? error.message : String(error))
  }
}

/** `why`: absent if the usage explains it. */
export function refuse(usage: string, why?: string): never {
  if (why !== undefined) console.error(`error: ${why}`)
  console.error(usage)
  process.exit(2)
}

/** A whole number from `least`; refused otherwise. */
export function count(usage: string, option: string, text: string, least = 1): number {
  const value = Number(text)
  return /^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least
    ? value
    : refuse(usage, `${option} must be a whole number from ${least}, not '${text}'`)
}
