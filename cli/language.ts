/** The output language: `--language`, before or after the command, else the terminal's locale. */
import { type Command, Option } from 'commander'
import type { Language } from '../gateway/present/language.ts'

/** In POSIX order: the first that is set and not empty. Any Chinese locale gets Traditional Chinese. */
export function localeOf({ LC_ALL, LC_MESSAGES, LANG }: Readonly<Record<string, string | undefined>>): Language {
  return /^zh\b|^zh_/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh-TW' : 'en'
}

/** To be added before the commands, whose help then names it too. Returns what tells the language once a line is parsed. */
export function addLanguage(program: Command, environment: Readonly<Record<string, string | undefined>>) {
  program.configureHelp({ showGlobalOptions: true }).addOption(
    new Option('--language <tag>', 'language of what people read (default: the locale: LC_ALL, LC_MESSAGES, LANG)').choices(['en', 'zh-TW']), // prettier-ignore
  )
  return (): Language => program.opts<{ language?: Language }>().language ?? localeOf(environment)
}
