/** Usage errors in zh-TW. commander writes them in English only. */
import type { Language } from '../gateway/present/language.ts'

/** Whole messages, by their English text. What the user typed stays unchanged. */
const MESSAGES: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'$/, '錯誤：沒有指令「$1」'],
  [/^error: unknown option '(.*)'$/, '錯誤：沒有選項「$1」'],
  [/^error: missing required argument '(.*)'$/, '錯誤：缺少引數「$1」'],
  [/^error: required option '(.*)' not specified$/, '錯誤：必須指定選項「$1」'],
  [/^error: option '(.*)' argument missing$/, '錯誤：選項「$1」缺少值'],
  [/^error: too many arguments(?: for '\S*')?\. Expected (\d+) arguments? but got (\d+): (.*)\.$/, '錯誤：引數過多：最多 $1 個，收到 $2 個：$3'], // prettier-ignore
  [/^error: option '(\S+(?: \S+)?)' argument '(.*)' is invalid\. /, '錯誤：選項「$1」的值「$2」無效。'],
  [/^error: command-argument value '(.*)' is invalid for argument '(\S+)'\. /, '錯誤：引數「$2」的值「$1」無效。'],
  [/^error: (\S+) and (\S+) would both be written to (.*)$/, '錯誤：$1 與 $2 都會寫入 $3'],
  [/^error: (.*) is an input: it would be overwritten$/, '錯誤：$1 是輸入檔，會被覆寫'],
  [/^\(Did you mean one of (.*)\?\)$/, '（您是指其中之一嗎：$1）'],
  [/^\(Did you mean (.*)\?\)$/, '（您是指 $1 嗎？）'],
  [/^\(add --help for help\)$/, '（加上 --help 可顯示說明）'],
]

/** What a valid value looks like: it ends the message about an invalid one. */
const EXPECTED: readonly (readonly [RegExp, string])[] = [
  [/^Allowed choices are (.*)\.$/, '可選：$1。'],
  [/^there are: (.*)$/, '可選：$1。'],
  [/^write a time like (.*)$/, '請輸入時間長度，例如 90s、30m、2h 或 1d。'],
  [/write 30m, 2h or 1d ago, or a time like (\S+)$/, '請輸入距今多久（30m、2h 或 1d），或時刻，例如 $1。'],
  [/^write a whole number from (\d+) to (\d+)$/, '請輸入 $1 至 $2 的整數。'],
  [/^write a number from (\d+) to (\d+)$/, '請輸入 $1 至 $2 的整數。'],
  [/^write a number between 0 and 1$/, '請輸入 0 與 1 之間的數。'],
  [/^write a (?:whole )?number from 1$/, '請輸入正整數。'],
  [/^write a Kubernetes name: .*$/, '請輸入 Kubernetes 的名稱：a-z、0-9、. 與 -，最多 63 個字元。'],
  [/^write a number$/, '請輸入數字。'],
  [/^(\w+ \w+) lists the ids; the last six characters are enough$/, '$1 會列出所有編號；輸入末六碼即可。'], // prettier-ignore
]

const rewrite = (text: string, rules: readonly (readonly [RegExp, string])[]): string => {
  const rule = rules.find(([pattern]) => pattern.test(text))
  return rule === undefined ? text : text.replace(rule[0], rule[1])
}

/** The lines of one usage error: the mistake, and perhaps a suggestion. */
export function usageLines(english: string, language: Language): readonly string[] {
  const lines = english.trimEnd().split(/\n(?=\((?:Did you mean|add --help) )/)
  if (language === 'en') return lines
  return lines.map((line) => {
    const end = / is invalid(?: for argument '\S+')?\. /.test(line) ? line.lastIndexOf('. ') + 2 : line.length
    return rewrite(line.slice(0, end), MESSAGES) + rewrite(line.slice(end), EXPECTED)
  })
}
