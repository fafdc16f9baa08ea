/** Writes docs/reference/cli.md and cli.zh-TW.md from the commands themselves: `npm run docs:cli`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { format, resolveConfig } from 'prettier'
import type { Language } from '../gateway/present/language.ts'
import { everyCommand, leavesOf } from './every-command.ts'

const folder = join(import.meta.dirname, '../docs/reference')

export const pages = { en: 'cli.md', 'zh-TW': 'cli.zh-TW.md' } as const satisfies Record<Language, string>

const words = {
  en: {
    title: 'Command line',
    other: '[正體中文](cli.zh-TW.md)',
    intro:
      'Every command of `sre`, as `sre <command> --help` shows it. All of them also take the options below. The exit code is 0 on success, 2 if the command line is wrong, 1 for any other failure; commands with more codes say so.',
  },
  'zh-TW': {
    title: '命令列',
    other: '[English](cli.md)',
    intro:
      '`sre` 的所有指令，內容與 `sre <指令> --help` 相同。所有指令也都接受下列選項。成功時結束碼為 0，命令列有誤時為 2，其他失敗為 1；另有其他結束碼的指令會自行說明。',
  },
} as const

/** The page, formatted with prettier as in the repository. */
export async function cliPage(language: Language): Promise<string> {
  const target = join(folder, pages[language])
  const program = await everyCommand(language)
  const { title, other, intro } = words[language]
  const leaves = leavesOf(program).toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
  const text = [
    `# ${title}`,
    other,
    intro,
    block(program.options.map((option) => `${option.flags.padEnd(20)}${helpOf(program).optionDescription(option)}`)),
    ...leaves.flatMap(({ name, command }) => [`## ${name}`, block([helpTextOf(command).trim()])]),
  ]
  return format(text.join('\n\n'), { ...(await resolveConfig(target)), parser: 'markdown' })
}

const block = (lines: readonly string[]): string => ['```text', ...lines, '```'].join('\n')

const helpOf = (command: Command) => command.createHelp()

/** With the notes and examples below it. */
function helpTextOf(command: Command): string {
  const written: string[] = []
  const help = { helpWidth: 120, ...command.configureHelp(), visibleGlobalOptions: () => [] }
  command.configureHelp(help).configureOutput({
    writeOut: (text) => void written.push(text),
    getOutHelpWidth: () => help.helpWidth,
    getOutHasColors: () => false,
  })
  command.outputHelp()
  return written.join('')
}

if (import.meta.main)
  for (const language of ['en', 'zh-TW'] as const) writeFileSync(join(folder, pages[language]), await cliPage(language))
