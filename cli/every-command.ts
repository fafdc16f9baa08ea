/** The whole command tree, for its reference page and its tests. `sre` itself loads only the command it was asked for. */
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { addDataDir } from './data-dir.ts'
import { addLanguage } from './language.ts'
import type { ClientContext } from './login/context.ts'

type Add = (program: Command, context: ClientContext, third: () => Promise<boolean>) => void

const context: ClientContext = {
  ...{ environment: {}, dataDir: '', columns: 200, askYes: null },
  language: 'en',
  ...{ print: () => undefined, grow: () => undefined, note: () => undefined },
  readStdin: async () => '',
  now: Date.now,
}

/** Every `add…` of the files `cli/<group>/…-command.ts`, so that no list can lag behind. */
export async function everyCommand(language: ClientContext['language']): Promise<Command> {
  const program = new Command('sre').description('diagnose incidents, offline from files or with a running platform')
  addLanguage(program, { LANG: language })
  addDataDir(program, {})
  for (const file of globSync('*/*-command.ts', { cwd: import.meta.dirname }).sort()) {
    const exported = (await import(join(import.meta.dirname, file))) as Record<string, Add>
    for (const name of Object.keys(exported).filter((one) => /^add[A-Z]/.test(one)))
      exported[name]?.(program, { ...context, language }, async () => false)
  }
  return program
}

/** The commands that do something, with their full names; some have subcommands besides. */
export const leavesOf = (command: Command, path = ''): { name: string; command: Command }[] => {
  const name = `${path} ${command.name()}`.trim()
  const isGroup = command.commands.length > 0 && command.registeredArguments.length === 0
  const own = isGroup && (path === '' || command.options.length === 0) ? [] : [{ name, command }]
  return [...own, ...command.commands.flatMap((one) => leavesOf(one, name))]
}
