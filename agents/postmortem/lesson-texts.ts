/** The sentences of the lessons and of the action items. */
import type { Text } from '../../postmortem/report.ts'
import { both } from '../../postmortem/words.ts'

export const lessons = {
  detectedSoon: (after: Text) => both(`it was detected ${after.en} after it began`, `開始後 ${after['zh-TW']}即偵測到`),
  detectedLate: (after: Text) =>
    both(`it was detected only ${after.en} after it began`, `開始後 ${after['zh-TW']}才偵測到`),
  diagnosedSoon: (after: Text) =>
    both(`the diagnosis was ready ${after.en} after the detection`, `偵測後 ${after['zh-TW']}即完成診斷`),
  noAlert: both('no alert fired: a person requested the diagnosis', '沒有告警觸發：由人員要求診斷'),
  helpedAtOnce: both('the first action helped', '第一個動作就改善了狀況'),
  sure: (share: string) => both(`the diagnosis was clear (${share})`, `診斷明確（${share}）`),
  waited: (ms: Text) => both(`an approval waited ${ms.en} for a decision`, `核准請求等待決定長達 ${ms['zh-TW']}`),
  failed: (outcome: string) =>
    outcome === 'failed'
      ? both('an approved action failed', '有一個核准的動作失敗')
      : both('it is unknown whether an approved action ran', '無法得知核准的動作是否已執行'),
  worse: both('an approved action made it worse', '有一個核准的動作使狀況惡化'),
  noChange: both('an approved action changed nothing', '有一個核准的動作沒有效果'),
  undecided: (outcome: string) =>
    outcome === 'expired'
      ? both('an approval expired before anybody decided', '有一個核准請求在作出決定之前逾期')
      : both('a decision was refused by the executor', '有一個決定被執行器駁回'),
  sourceDown: (tool: string, times: number) =>
    both(`${tool} did not answer ${times} of the queries`, `${tool} 有 ${times} 次查詢沒有回應`),
  before: (many: number) =>
    both(`earlier incidents of these services on record: ${many}`, `這些服務先前有 ${many} 個事故記錄`),
  notFound: both('no diagnosis found the cause', '沒有診斷找到原因'),
  recoveredAlone: both(
    'it recovered without an action: it might have lasted longer',
    '未執行動作即自行恢復：原本可能持續更久',
  ),
  fewErrors: (service: string, peak: string) =>
    both(`few requests to ${service} failed (at worst ${peak})`, `${service} 失敗的請求很少（最高 ${peak}）`),
}

export const items = {
  checkRollouts: (service: string) =>
    both(
      `Roll out ${service} to part of the traffic first, compare errors and latency with the previous release, and stop if they are worse`,
      `${service} 發布時先只導入部分流量，與前一版比較錯誤與延遲，若惡化就停止發布`,
    ),
  removeCause: (service: string) =>
    both(`Remove the cause in ${service}, or limit its blast radius`, `排除 ${service} 中的原因，或限制其影響範圍`),
  alertSooner: (service: string) =>
    both(
      `Alert sooner on ${service}: the signals deviated long before the alert`,
      `讓 ${service} 更早告警：訊號在告警之前已偏離許久`,
    ),
  addAlert: (service: string) =>
    both(
      `Add an alert on what users of ${service} notice: errors or latency`,
      `為 ${service} 新增使用者有感的告警：錯誤或延遲`,
    ),
  decideSooner: both(
    'Speed up decisions: page those who may decide, or lower the risk of the action',
    '加快決定：通知可核准的人員，或降低動作的風險',
  ),
  reachDecider: both(
    'Make sure that somebody who may decide is reached before an approval expires',
    '確保核准逾期之前能聯絡到可核准的人員',
  ),
  whyRefused: both('Find out why the decision did not count', '查明決定為何無效'),
  rehearse: (service: string) =>
    both(
      `Rehearse the action on ${service} outside production, and document when it helps`,
      `在正式環境之外演練 ${service} 的動作，並記錄適用的情況`,
    ),
  repairAction: (service: string) =>
    both(`Repair the action on ${service}, and rehearse it regularly`, `修復 ${service} 的動作，並定期演練`),
  prepare: (service: string) =>
    both(
      `Prepare an action for ${service} in case it does not recover by itself next time`,
      `為 ${service} 準備好動作，以備下次無法自行恢復時使用`,
    ),
  keepSource: both(
    'Make sure that the source that did not answer is available during incidents',
    '確保這次沒有回應的資料來源在事故期間可用',
  ),
  compare: (service: string) =>
    both(
      `Compare with the earlier incidents of ${service}: were their action items done?`,
      `與 ${service} 先前的事故比較：當時的行動項目是否完成？`,
    ),
  measureMore: (service: string) =>
    both(
      `Measure more of ${service}: the diagnosis had too little data to find the cause`,
      `增加 ${service} 的量測：診斷的資料不足以找到原因`,
    ),
  confirmCause: both('Confirm or refute the cause, and correct this report', '確認或推翻原因，並更正本報告'),
  diagnose: both('Request a diagnosis for the time of the incident', '針對事故期間要求診斷'),
}
