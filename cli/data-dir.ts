/** Where everything is kept: `--data`, before or after the command, else `DATA_DIR`. */
import type { Command } from 'commander'

type Environment = Readonly<Record<string, string | undefined>>

/** To be added before the commands, whose help then names it too. Returns the environment as it is once a line is parsed. */
export function addDataDir(program: Command, environment: Environment): () => Environment {
  program.option('--data <dir>', 'folder for keys, tokens and embedded components (default: DATA_DIR, else .sre)')
  return () => {
    const { data } = program.opts<{ data?: string }>()
    return data === undefined ? environment : { ...environment, DATA_DIR: data }
  }
}
