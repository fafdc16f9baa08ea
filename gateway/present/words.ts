/** The API's words and codes in Chinese; unknown ones are shown as they are. */
import { outcomes } from '../../postmortem/outcomes.ts'
import type { Language } from './language.ts'

const inChinese: Readonly<Record<string, string>> = {
  ...outcomes,
  draft: '草稿',
  reviewed: '已審閱',
  published: '已發布',
  pending: '待決定',
  decided: '已決定',
  requested: '已要求',
  declined: '未受理',
  closed: '已結案',
  acted: '已執行',
  completed: '已完成',
  partial: '不完整',
  cancelled: '已取消',
  processing: '進行中',
  awaiting_approval: '等待核准',
  acting: '執行中',
  incident: '有事故',
  nothing_wrong: '沒有異常',
  inconclusive: '無法判定',
  going_on: '持續中',
  recovering: '恢復中',
  over: '已結束',
  critical: '嚴重',
  warning: '警告',
  info: '資訊',
  low: '低',
  medium: '中',
  high: '高',
  ok: '成功',
  no_data: '沒有資料',
  alert: '告警',
  question: '提問',
  deployment: '部署',
  capacity: '容量',
  immediate: '立即',
  increasing: '上升',
  decreasing: '下降',
  stable: '持平',
  scale_up: '擴充',
  scale_down: '縮減',
  optimize: '最佳化',
  available: '正常',
  degraded: '部分異常',
  unavailable: '無法使用',
  not_configured: '未設定',
  recovered: '已恢復',
  settled: '已成為常態',
  expected: '預期中',
  full: '已用盡',
  freed: '已釋放',
  slowed: '已趨緩',
  disk: '磁碟',
  memory: '記憶體',
  connections: '連線',
  file_handles: '檔案控制代碼',
  queue: '佇列',
  quota: '配額',
  certificate: '憑證',
  error_budget: '錯誤預算',
}

export const wordIn = (language: Language, word: string): string =>
  language === 'zh-TW' ? (inChinese[word] ?? word) : word

/** For people: English words have spaces instead of underscores. */
export const readable = (language: Language, word: string): string => wordIn(language, word).replaceAll('_', ' ')

/** `label: text`, in the punctuation of the language. */
export const labelled = (language: Language, label: string, text: string): string =>
  language === 'zh-TW' ? `${label}：${text}` : `${label}: ${text}`

/** `text (note)`; without a note the text alone. */
export const noted = (language: Language, text: string, note: string): string =>
  note === '' ? text : language === 'zh-TW' ? `${text}（${note}）` : `${text} (${note})`

const RISKS: Readonly<Record<Language, string>> = { en: 'risk', 'zh-TW': '風險' }

export const riskText = (language: Language, risk: string): string =>
  labelled(language, RISKS[language], wordIn(language, risk))

/** `[tag] text`. */
export const tagged = (language: Language, tag: string, text: string): string =>
  language === 'zh-TW' ? `［${tag}］${text}` : `[${tag}] ${text}`

/** Parts of one sentence. */
export const clauses = (language: Language, parts: readonly string[]): string =>
  parts.join(language === 'zh-TW' ? '，' : ', ')
