/** The data folder: `--data`, before or after the command, or else `DATA_DIR`. */
import type { Command } from 'commander'

type Environment = Readonly<Record<string, string | undefined>>

/** Call before adding commands, so that their help shows the option. Returns the environment, valid once the arguments are parsed. */
export function addDataDir(program: Command, environment: Environment): () => Environment {
  program.option('--data <dir>', 'folder for keys, tokens and embedded components (default: DATA_DIR, else .sre)')
  return () => {
    const { data } = program.opts<{ data?: string }>()
    return data === undefined ? environment : { ...environment, DATA_DIR: data }
  }
}
