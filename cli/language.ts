/** The output language: `--language`, before or after the command, or else the locale. */
import { type Command, Help, Option } from 'commander'
import type { Language } from '../gateway/present/language.ts'
import { chineseHelp } from './help-texts.ts'

/** The first variable that is set and not empty, in POSIX order. Any Chinese locale gives Traditional Chinese. */
export function localeOf({ LC_ALL, LC_MESSAGES, LANG }: Readonly<Record<string, string | undefined>>): Language {
  return /^zh\b|^zh_/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'zh-TW' : 'en'
}

/** Call before adding commands, which inherit the help settings. The returned language is valid once the arguments are parsed. */
export function addLanguage(program: Command, environment: Readonly<Record<string, string | undefined>>) {
  const locale = localeOf(environment)
  const language = (): Language => program.opts<{ language?: Language }>().language ?? locale
  // a command below another has options of its own, not the other's
  const visibleGlobalOptions = (command: Command) => (command === program ? [] : [...program.options])
  program.configureHelp({ showGlobalOptions: true, visibleGlobalOptions, ...helpIn(language) }).addOption(
    new Option('--language <tag>', 'output language (default: the locale, from LC_ALL, LC_MESSAGES, LANG)').choices(['en', 'zh-TW']), // prettier-ignore
  )
  return language
}

/** Extra text below a command's help. */
export const helpNote = (reader: { readonly language: Language }, english: string) => (): string =>
  `\n${inLanguage(english, reader.language)}`

const inLanguage = (english: string, language: Language): string =>
  language === 'en' ? english : (chineseHelp[english] ?? english.replace(/^Examples?:/, '範例：'))

const plain = new Help()
const EXTRAS: readonly (readonly [RegExp, string])[] = [
  [/\(choices: /, '（可選：'],
  [/\(default: /, '（預設：'],
  [/, default: /, '，預設：'],
  [/\)$/, '）'],
]

function helpIn(language: () => Language) {
  const told = (english: string): string => inLanguage(english, language())
  /** commander appends choices and the default to the description */
  const withExtras = (english: string, whole: string): string => {
    if (language() === 'en') return whole
    const extras = whole.slice(english.length).trimStart()
    return told(english) + EXTRAS.reduce((text, [from, to]) => text.replace(from, to), extras)
  }
  return {
    styleTitle: told,
    commandDescription: (command: Command) => told(plain.commandDescription(command)),
    subcommandDescription: (command: Command) => told(plain.subcommandDescription(command)),
    optionDescription: (option: Option) => withExtras(option.description, plain.optionDescription(option)),
    argumentDescription: (argument: Parameters<Help['argumentDescription']>[0]) =>
      withExtras(argument.description, plain.argumentDescription(argument)),
  }
}
