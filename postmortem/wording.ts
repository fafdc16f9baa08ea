/**
 * Removes people and blame from text of other systems: names of authors, addresses and handles become a role, and words that judge a person become
 * words about the system. It is a list, not an understanding of language: people still read a report before they publish it.
 */
import type { Language, Text } from './report.ts'

export interface Reworded {
  text: string
  /** `words` null: a name, which is not repeated */
  found: { rule: 'person' | 'blame'; words: string | null }[]
}

export const SOMEBODY: Text = { en: 'a person', 'zh-TW': '某位同仁' }

interface Rule {
  pattern: RegExp
  instead: string
}

/** Not in a name such as `dumb-init`, `lazy-loader` or `/forgot.html`. */
const word = (words: string, instead: string): Rule => ({
  pattern: new RegExp(`(?<![\\p{L}\\p{N}_/.-])(?:${words})(?![\\p{L}\\p{N}_/-]|\\.[\\p{L}\\p{N}])`, 'giu'),
  instead,
})
const phrase = (words: readonly string[], instead: string): Rule => ({
  pattern: new RegExp(words.join('|'), 'gu'),
  instead,
})

/** Longer phrases first: each is replaced as a whole. */
export const BLAMING: Readonly<Record<Language, readonly Rule[]>> = {
  en: [
    word('human errors?|operator errors?|pilot errors?', 'action without a safeguard'),
    word('should have known(?: better)?', 'had no signal'),
    word("should(?:n[’']t| not) have", 'did'),
    word('failed to notice', 'had no alert'),
    word('(?:is|was|were|are) to blame(?: for)?', 'preceded'),
    word('(?<!\\bgit )blam(?:e|es|ed|ing)', 'linked'),
    word('at fault', 'involved'),
    word('culprits?', 'cause'),
    word('guilty(?: of)?', 'involved in'),
    word('negligen(?:t|tly|ce)', 'unguarded'),
    word('careless(?:ly|ness)?', 'unguarded'),
    word('reckless(?:ly|ness)?', 'unguarded'),
    word('incompeten(?:t|tly|ce)', 'unprepared'),
    word('stupid(?:ly|ity)?|dumb|idiot(?:s|ic)?', 'unexpected'),
    word('laz(?:y|ily|iness)(?! (?:load|init|eval))', 'unfinished'),
    word('sloppy|sloppiness', 'unfinished'),
    word('forgot to|forgot(?! (?:your |my )?password)|neglected to|neglected', 'did not'),
    word('screwed up|messed up|fucked up', 'changed'),
    word('broke(?: the)? prod(?:uction)?', 'changed production'),
  ],
  'zh-TW': [
    phrase(['人為疏失', '人為失誤', '人為錯誤', '人為過失', '操作疏失', '操作失誤'], '缺少防護的操作'),
    phrase(['歸咎於', '歸咎', '怪罪於', '怪罪', '責怪'], '關聯到'),
    phrase(['罪魁禍首', '元兇', '兇手', '戰犯'], '原因'),
    phrase(['害群之馬', '豬隊友'], '系統'),
    // prettier-ignore
    phrase(['粗心大意', '粗心', '不小心', '(?<![重最擴放強加巨龐偉極很較更增變])大意(?![是為義外圖思見味識象願志])', '馬虎', '草率'], '缺少防護'),
    phrase(['疏忽', '疏失', '怠忽職守', '怠忽', '玩忽職守', '失職'], '缺少防護'),
    phrase(['(?<![並毫皆均])無能(?![力為見耗源量夠])', '愚蠢', '白痴', '笨(?!重)'], '未預期'),
    phrase(['偷懶', '懶惰(?![載加初])', '懶(?![載加惰初人])'], '未完成'),
    phrase(['忘記(?!密碼)', '忘了(?!密碼)'], '未'),
    phrase(['早該知道', '本來就該知道', '應該要知道'], '沒有收到訊號'),
    phrase(['搞砸', '弄壞', '搞壞'], '變更'),
  ],
}

/** Not `cart@1.5.0`, a release of cart, nor `git@example.org:cart`, a repository. */
const ADDRESS =
  /(?<![\p{L}\p{N}._%+-])(?!git@)[\p{L}\p{N}._%+-]+@(?!v?\d+\.(?!\d+\.\d+\.\d+))[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu
/** Not `@scope/name` or `@my-scope/name`, nor a field such as `@timestamp`. */
const HANDLE =
  /(?<![\p{L}\p{N}_/.@:-])@(?!(?:timestamp|version)\b)[\p{L}\p{N}][\p{L}\p{N}_.-]*[\p{L}\p{N}](?![\p{L}\p{N}/@]|[_.-]+[\p{L}\p{N}])/gu

/** Names shorter than this would hit ordinary words. */
const LEAST_NAME = 3

/** Parts of the platform and systems of others that ask, deploy and decide nothing themselves: their names are words of any report. */
const MACHINES: ReadonlySet<string> = new Set([
  ...['assistant', 'executor', 'postmortem', 'gateway', 'control-plane', 'lab', 'recording'],
  ...[
    'alertmanager',
    'prometheus',
    'grafana',
    'kubernetes',
    'argocd',
    'argo-cd',
    'flux',
    'jenkins',
    'github',
    'gitlab',
  ],
  ...['system', 'service', 'deploy', 'deployment', 'release', 'rollback', 'unknown'],
])

/** `<issuer>|<subject>`, an address or a name: every form in which the text may repeat it, longest first. */
export function namesIn(people: Iterable<string | null>): string[] {
  const names = new Set<string>()
  for (const person of people) {
    if (person === null) continue
    const subject = person.slice(person.lastIndexOf('|') + 1).trim()
    if (MACHINES.has(subject.replace(/^sre-/, '').toLowerCase())) continue
    for (const name of [person, subject, subject.split('@')[0] ?? '', subject.split(' <')[0] ?? ''])
      if (Array.from(name).length >= LEAST_NAME || /^\p{Script=Han}{2,}$/u.test(name)) names.add(name)
  }
  return [...names].sort((one, other) => other.length - one.length)
}

/** `people`: names known from the facts (`patternOf`). */
export function blameless(text: string, language: Language, people: RegExp | null): Reworded {
  const found: Reworded['found'] = []
  const replaced = (given: string, pattern: RegExp, instead: string, rule: 'person' | 'blame'): string =>
    given.replace(pattern, (words) => {
      found.push({ rule, words: rule === 'person' ? null : words })
      return instead
    })
  let said = text
  if (people !== null) said = replaced(said, people, SOMEBODY[language], 'person')
  said = replaced(said, ADDRESS, SOMEBODY[language], 'person')
  said = replaced(said, HANDLE, SOMEBODY[language], 'person')
  // other systems write in either language, whatever the report's is
  for (const { pattern, instead } of [...BLAMING.en, ...BLAMING['zh-TW']])
    said = replaced(said, pattern, instead, 'blame')
  return { text: said, found }
}

/** Any of these names, as a whole word: `ali` is not in `alias`. Chinese has no spaces between words. Null: there are none. */
export function patternOf(names: readonly string[]): RegExp | null {
  const [chinese, others] = [names.filter(isChinese), names.filter((name) => !isChinese(name))]
  const listed = (some: readonly string[]) => some.map(exact).join('|')
  const parts = [
    ...(chinese.length === 0 ? [] : [listed(chinese)]),
    ...(others.length === 0 ? [] : [`(?<![\\p{L}\\p{N}_])(?:${listed(others)})(?![\\p{L}\\p{N}_])`]),
  ]
  return parts.length === 0 ? null : new RegExp(parts.join('|'), 'giu')
}

const isChinese = (name: string): boolean => /^\p{Script=Han}+$/u.test(name)

/** `root` is a person, and a word before these. */
const exact = (name: string): string =>
  name.toLowerCase() === 'root'
    ? 'root(?! (?:causes?|certificates?|volumes?|partitions?|disks?|filesystems?)\\b)'
    : name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
