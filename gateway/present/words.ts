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

/** Why an approval was closed as it was, by its code. `decided` has no words: they are the person's. */
const closings: Readonly<Record<string, string>> = {
  expired: '逾期前沒有人作出有效的決定',
  wrong_approval: '這個決定屬於另一個核准',
  wrong_tenant: '決定者屬於另一個租戶',
  altered_action: '動作與要求時的雜湊不符',
  wrong_hash: '決定的是另一個動作',
  decision_expired: '簽署的決定被讀取時已經過期',
  not_yet_valid: '決定的時間在未來',
  own_request: '要求這個工作階段的人不能決定它的動作',
  wrong_role: '決定者沒有所需的角色',
  replayed: '這個簽署的決定先前已使用過',
  target_unknown: '無法確認目標的狀態',
  target_changed: '目標的狀態在提出之後已改變',
  malformed: '簽署的決定格式錯誤',
  wrong_type: '簽署的不是決定',
  bad_algorithm: '簽章演算法不被接受',
  unknown_issuer: '簽署者不受信任',
  unknown_key: '簽署者沒有這把金鑰',
  bad_signature: '簽章不正確',
  wrong_audience: '這個決定是給另一個系統的',
}

/** Codes whose English says more than the code: a name, a state. */
const detailed = new Set([
  'target_changed',
  'target_unknown',
  'wrong_role',
  'wrong_tenant',
  'malformed',
  'unknown_issuer',
])

export function closingReason(
  { code, reason }: { code: string; reason: string | null },
  language: Language,
): string | null {
  const chinese = language === 'zh-TW' ? closings[code] : undefined
  if (chinese === undefined) return reason
  return reason !== null && detailed.has(code) ? `${chinese}（${reason}）` : chinese
}

const endings: Readonly<Record<string, string>> = {
  cancelled: '已依要求取消',
  handler_failed: '執行時發生錯誤',
  owner_killed: '執行它的程序多次中止',
  incompatible_version: '較新的版本無法接續執行',
  no_history: '沒有歷史資料',
  source_failed: '無法查詢資料來源',
  invalid_request: '請求無效',
}

/** Why a session is partial, failed or cancelled: `<code>: <detail>`, or words alone. */
export function endingReason(reason: string | null, language: Language): string | null {
  const [, code = '', detail = ''] = /^([a-z_]+): (.*)$/s.exec(reason ?? '') ?? []
  const chinese = language === 'zh-TW' ? endings[code] : undefined
  if (chinese === undefined) return reason
  return code === 'cancelled' ? chinese : `${chinese}：${detail}`
}
