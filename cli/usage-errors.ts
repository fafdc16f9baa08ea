/** Usage errors in the usual wording. commander's own are in English only. */
import type { Language } from '../gateway/present/language.ts'

type Rule = readonly [pattern: RegExp, english: string, chinese: string]

/** Whole messages, by commander's text. What the user typed stays unchanged. */
const MESSAGES: readonly Rule[] = [
  [/^error: unknown command '(.*)'$/, '$&', '錯誤：沒有指令「$1」'],
  [/^error: unknown option '(.*)'$/, '$&', '錯誤：沒有選項「$1」'],
  [/^error: missing required argument '(.*)'$/, 'error: <$1> is required', '錯誤：必須指定 <$1>'],
  [/^error: required option '(.*)' not specified$/, 'error: $1 is required', '錯誤：必須指定 $1'],
  [/^error: option '(.*)' argument missing$/, 'error: $1 needs a value', '錯誤：$1 缺少值'],
  [/^error: too many arguments(?: for '\S*')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/, 'error: too many arguments ($2, at most $1): $3', '錯誤：引數過多：最多 $1 個，收到 $2 個：$3'], // prettier-ignore
  [/^error: option '(\S+(?: \S+)?)' argument '([^]*)' is invalid\. $/, "error: invalid value '$2' for $1: ", '錯誤：$1 的值「$2」無效：'], // prettier-ignore
  [/^error: command-argument value '([^]*)' is invalid for argument '(\S+)'\. $/, "error: invalid <$2> '$1': ", '錯誤：<$2>「$1」無效：'], // prettier-ignore
  [/^error: (\S+) and (\S+) would both be written to (.*)$/, '$&', '錯誤：$1 與 $2 都會寫入 $3'],
  [/^error: (.*) is an input: it would be overwritten$/, '$&', '錯誤：$1 是輸入檔，會被覆寫'],
  [/^\(Did you mean one of (.*)\?\)$/, '$&', '（您是指其中之一嗎：$1）'],
  [/^\(Did you mean (.*)\?\)$/, '$&', '（您是指 $1 嗎？）'],
  [/^\(add --help for help\)$/, '$&', '（加上 --help 可顯示說明）'],
]

/** What a valid value looks like: it ends the message about an invalid one. */
const EXPECTED: readonly Rule[] = [
  [/^Allowed choices are (.*)\.$/, 'choose from $1', '可選 $1'],
  [/^there are: (.*)$/, 'choose from $1', '可選 $1'],
  [/^expected a duration such as (.*)$/, '$&', '請輸入時間長度，例如 90s、30m、2h 或 1d'],
  [/^expected 30m, 2h or 1d ago, or a time such as (\S+)$/, '$&', '請輸入距今多久（30m、2h 或 1d），或時刻，例如 $1'],
  [/^expected a whole number from (\d+) to (\d+)$/, '$&', '請輸入 $1 至 $2 的整數'],
  [/^expected NAME=VALUE$/, '$&', '請以 NAME=VALUE 的形式輸入'],
  [/^expected a number from (\d+) to (\d+)$/, '$&', '請輸入 $1 至 $2 的整數'],
  [/^expected a number between 0 and 1$/, '$&', '請輸入 0 與 1 之間的數'],
  [/^expected a (?:whole )?number from 1$/, '$&', '請輸入正整數'],
  [/^expected a Kubernetes name: .*$/, '$&', '請輸入 Kubernetes 的名稱：a-z、0-9、. 與 -，最多 63 個字元'],
  [/^expected a number$/, '$&', '請輸入數字'],
  [/^(\w+ \w+) lists the ids; the last six characters are enough$/, '$&', '$1 會列出所有編號；輸入末六碼即可'],
]

const rewrite = (text: string, rules: readonly Rule[], language: Language): string => {
  const rule = rules.find(([pattern]) => pattern.test(text))
  return rule === undefined ? text : text.replace(rule[0], language === 'en' ? rule[1] : rule[2])
}

/** The lines of one usage error: the mistake, and perhaps a suggestion. */
export function usageLines(english: string, language: Language): readonly string[] {
  const lines = english.trimEnd().split(/\n(?=\((?:Did you mean|add --help) )/)
  return lines.map((line) => {
    const [, mistake = line, expected = ''] = /^(.* is invalid(?: for argument '\S+')?\. )(.*)$/s.exec(line) ?? []
    return rewrite(mistake, MESSAGES, language) + rewrite(expected, EXPECTED, language)
  })
}
