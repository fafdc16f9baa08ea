/** Reasons in both languages. An event carries a stable code and English details: a name, a state, another system's error. */
import type { Language } from './language.ts'
import { both, type Texts } from './texts.ts'

interface Told {
  code: string | null
  /** English, or as written by a person or another system */
  text: string | null
}

/** A code's Chinese text; `detailed`: the English text adds details to the code. */
interface Meaning {
  chinese: string
  detailed: boolean
}

const plain = (chinese: string): Meaning => ({ chinese, detailed: false })
const detailed = (chinese: string): Meaning => ({ chinese, detailed: true })

/** An unknown code keeps the event's text. */
function tell(meanings: Readonly<Record<string, Meaning>>, { code, text }: Told, language: Language): string | null {
  const meaning = language === 'zh-TW' ? meanings[code ?? ''] : undefined
  if (meaning === undefined) return text
  return meaning.detailed && text !== null ? `${meaning.chinese}（${text}）` : meaning.chinese
}

/** `decided` is missing: its text is the decider's own. */
const closings: Readonly<Record<string, Meaning>> = {
  expired: plain('逾期前沒有人作出有效的決定'),
  wrong_approval: plain('這個決定針對另一個核准'),
  wrong_tenant: detailed('決定者屬於另一個租戶'),
  foreign_target: plain('動作的目標不屬於這個租戶'),
  altered_action: plain('動作與要求時的雜湊不符'),
  wrong_hash: plain('這個決定針對另一個動作'),
  decision_expired: plain('簽署的決定被讀取時已經過期'),
  not_yet_valid: plain('決定的時間在未來'),
  own_request: plain('發起這個工作階段的人不能核准其動作'),
  own_proposal: plain('提出這個動作的人不能自行決定'),
  wrong_role: detailed('決定者沒有所需的角色'),
  replayed: plain('這個簽署的決定先前已使用過'),
  target_unknown: detailed('無法確認目標的狀態'),
  target_changed: detailed('目標的狀態在提出之後已改變'),
  malformed: detailed('簽署的決定格式錯誤'),
  wrong_type: plain('簽署的內容不是決定'),
  bad_algorithm: plain('簽章演算法不被接受'),
  unknown_issuer: detailed('簽署者不受信任'),
  unknown_key: plain('簽署者沒有這把金鑰'),
  bad_signature: plain('簽章不正確'),
  wrong_audience: plain('這個決定是給另一個系統的'),
  frozen: detailed('動作已被凍結'),
  // from executors before two people could approve
  needs_two_people: plain('嚴重風險的動作需要兩個人核准'),
  too_few_approvals: detailed('逾期前核准的人數不足'),
  same_person: detailed('需要另一個人核准'),
  already_closed: plain('這個核准先前已經結案'),
  too_many_open: plain('等待決定的核准過多'),
  overtaken: detailed('目標已不是提出時的狀態'),
}

interface Closing {
  code: string
  reason: string | null
  /** absent in older events */
  joined_approval?: string | null
}

export const closingReason = ({ code, reason, joined_approval = null }: Closing, language: Language): string | null =>
  joined_approval === null ? tell(closings, { code, text: reason }, language) : joined(joined_approval)[language]

const joined = (approval: string): Texts =>
  both(
    `approval ${approval} proposes the same action and counts for both`,
    `核准 ${approval} 已提出相同的動作，其結果同時適用`,
  )

const endings: Readonly<Record<string, Texts>> = {
  cancelled: { en: 'cancelled on request', 'zh-TW': '已依要求取消' },
  handler_failed: { en: 'it failed while running', 'zh-TW': '執行時發生錯誤' },
  owner_killed: { en: 'the process running it crashed repeatedly', 'zh-TW': '執行它的程序多次異常終止' },
  incompatible_version: { en: 'another version cannot resume it', 'zh-TW': '另一個版本無法接續執行' },
  undecodable: { en: 'the request cannot be read', 'zh-TW': '無法讀取這個請求' },
  no_history: { en: 'no history', 'zh-TW': '沒有歷史資料' },
  source_failed: { en: 'a source could not be queried', 'zh-TW': '無法查詢資料來源' },
  invalid_request: { en: 'the request is invalid', 'zh-TW': '請求無效' },
  not_found: { en: 'no such service', 'zh-TW': '沒有這個服務' },
  unknown_service: { en: 'unknown service', 'zh-TW': '不明的服務' },
  no_recording: { en: 'no such recording', 'zh-TW': '沒有這個錄製資料' },
  live_only: { en: 'only live systems are diagnosed here', 'zh-TW': '這裡只診斷即時系統' },
  unseen_name: { en: 'a name contains invisible characters', 'zh-TW': '名稱含有看不見的字元' },
  unknown_kind: { en: 'this kind of request is not supported', 'zh-TW': '不支援這種請求' },
  questions_failed: { en: 'not every query was answered in full', 'zh-TW': '並非每個查詢都得到完整的回答' },
  analysis_timeout: {
    en: 'the analysis took too long; ask about a shorter window or fewer services',
    'zh-TW': '分析時間過長，請縮短查詢時段或減少服務',
  },
  not_assessed: { en: 'not every resource could be assessed', 'zh-TW': '並非每個資源都能評估' },
}

const coded = (reason: string | null) => /^([a-z_]+): (.*)$/s.exec(reason ?? '') ?? []

/** The stable code of a reason; null: free text. */
export const endingCode = (reason: string | null): string | null => coded(reason)[1] ?? null

/** Why a session is partial, failed or cancelled, from `<code>: <detail>` or free text. */
export function endingReason(reason: string | null, language: Language): string | null {
  const [, code = '', detail = ''] = coded(reason)
  const ending = endings[code]?.[language]
  if (ending === undefined) return reason
  if (code === 'cancelled') return ending
  return language === 'zh-TW' ? `${ending}：${detail}` : `${ending}: ${detail}`
}

/** If the run ended before the action did, the code is the run's. */
const actions: Readonly<Record<string, Meaning>> = {
  dry_run_failed: detailed('dry-run 失敗'),
  refused: detailed('控制平面拒絕執行'),
  frozen: detailed('動作已被凍結'),
  no_answer: detailed('沒有收到回覆，不知道是否已執行'),
  execution_failed: detailed('控制平面回報失敗'),
  still_running: detailed('到達時限時仍在執行'),
  handler_failed: detailed('執行時發生錯誤'),
  owner_killed: detailed('執行它的程序多次異常終止'),
  incompatible_version: detailed('另一個版本無法接續執行'),
}

const checks: Readonly<Record<string, Meaning>> = {
  not_asked: plain('未查詢'),
  source_failed: detailed('無法查詢資料來源'),
  no_data: plain('資料來源沒有資料'),
  no_sample: plain('動作之後沒有新的樣本'),
}

/** `code` is absent in older events. */
interface Failure {
  code?: string | null
  error: string | null
}

/** Why an action failed, was not run, or has an unknown outcome; null: it succeeded. */
export const actionReason = ({ code = null, error }: Failure, language: Language): string | null =>
  tell(actions, { code, text: error }, language)

/** Why there is no measurement after the action. */
export const checkReason = ({ code = null, error }: Failure, language: Language): string | null =>
  tell(checks, { code, text: error }, language)
