/** Words and codes of the contract as people say them; one this version does not know stays as it is. */
import type { Language } from './language.ts'

const inChinese: Readonly<Record<string, string>> = {
  pending: '待決定',
  decided: '已決定',
  approved: '已核准',
  rejected: '已拒絕',
  expired: '已逾期',
  refused: '已駁回',
  requested: '已要求',
  closed: '已結案',
  acted: '已執行',
  succeeded: '成功',
  failed: '失敗',
  not_run: '未執行',
  helped: '有改善',
  no_change: '沒有變化',
  worse: '惡化',
  unknown: '未知',
  completed: '已完成',
  partial: '不完整',
  cancelled: '已取消',
  processing: '進行中',
  awaiting_approval: '等待核准',
  acting: '執行中',
  incident: '有事故',
  nothing_wrong: '沒有異常',
  inconclusive: '無法判定',
  critical: '嚴重',
  warning: '警告',
  info: '資訊',
  low: '低',
  medium: '中',
  high: '高',
  ok: '成功',
  no_data: '沒有資料',
}

export const wordIn = (language: Language, word: string): string =>
  language === 'zh-TW' ? (inChinese[word] ?? word) : word
